import type { HttpAnswer } from '../../domain/outcome.ts';
import type { ProviderAdmin } from '../../ports/provider-admin.ts';
import { type AdminCall, type AdminDependencies, createAdminCaller } from '../admin-caller.ts';
import type { ServerComplaint } from '../admin-error.ts';
import { isObject, readBody, textField } from '../answer/body.ts';
import { readError } from './error-body.ts';

/** What is done with a provider's tokens (API page "Revoke all temporary tokens of current provider"). */
export type OnezoneAdmin = Required<Pick<ProviderAdmin, 'revokeTokens'>>;

/** Throws `SECRET_INPUT_INVALID` for a credential that no HTTP header can carry. */
export function createOnezoneAdmin(dependencies: AdminDependencies): OnezoneAdmin {
  const call = createAdminCaller(dependencies, {
    header: 'x-auth-token',
    scheme: null,
    mayDo: 'revoke tokens: the root token of the provider, or a named one',
    readComplaint,
  });
  return { revokeTokens: async (signal) => void (await call(revocation, signal)) };
}

const revocation: AdminCall<true> = {
  task: { text: 'revoke all temporary tokens', ifLost: 'again' },
  request: {
    method: 'DELETE',
    path: '/api/v3/onezone/provider/tokens/temporary',
    headers: {},
    body: null,
  },
  read: (_value, status) => (status === 204 ? true : null),
};

function readComplaint(answer: HttpAnswer): ServerComplaint | null {
  const body = readBody(answer.body);
  const error = readError(body);
  if (error === null || body.kind !== 'json' || !isObject(body.value)) return null;
  const { name, meaning } = error;
  return {
    code: name,
    message: textField(body.value['error'] ?? body.value, 'description'),
    meaning: meaning === 'limit' || meaning === 'server' ? meaning : null,
  };
}
