import { TokenwardError } from '../domain/errors.ts';

/** The end of a process with a secret that is nowhere else. */
export function unsavedSecret(): TokenwardError {
  const advice =
    'mend the store and start again; where the agent then reports its secret lost, enrol it anew';
  return new TokenwardError(
    'SECRET_NOT_PERSISTED',
    `ended with a new secret that could not be saved; ${advice}`,
  );
}
