import { TokenwardError } from '../domain/errors.ts';

/** For a name that no agent has, or none has any more. */
export function unknownAgent(name: string | null): TokenwardError {
  return new TokenwardError('AGENT_UNKNOWN', `there is no agent ${name}; see agents in the configuration`);
}
