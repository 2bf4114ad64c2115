import { TokenwardError } from '../../domain/errors.ts';
import type { Answer, HttpAnswer } from '../../domain/outcome.ts';
import { Secret } from '../../domain/secret.ts';
import type { HttpClient } from '../../platform/http/client.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';
import { isObject, readBody, textField } from '../answer/body.ts';
import { type AdminTask, adminError } from './admin-error.ts';

/**
 * What an administrator does with agent secrets. Every call rejects with `SERVER_UNREACHABLE`, `SERVER_TLS_FAILED`,
 * `SERVER_REFUSED`, `SERVER_MISCONFIGURED`, `SERVER_RATE_LIMITED` or `SERVER_TROUBLE`. Nothing is ever tried twice.
 */
export interface VcfLogsAdmin {
  /** API page "Create Agent Secret". The name must be new at the server. */
  createSecret(name: string, signal: AbortSignal): Promise<CreatedSecret>;
  listSecrets(signal: AbortSignal): Promise<readonly AgentSecretEntry[]>;
  /** API page "Revoke Agent Secret". Cannot be undone; issued tokens live on. */
  revokeSecret(name: string, signal: AbortSignal): Promise<void>;
}

/** One agent secret as the server lists it, without its text. Fields that the server left out are null. */
export interface AgentSecretEntry {
  readonly id: string | null;
  readonly name: string;
  readonly status: string | null;
  readonly modificationTime: string | number | null;
}

export interface CreatedSecret {
  readonly id: string | null;
  readonly name: string;
  readonly secret: Secret;
  readonly status: string | null;
}

export interface VcfLogsAdminOptions {
  readonly http: HttpClient;
  /** Sent as a bearer token. */
  readonly credential: Secret;
  /** Our name for whom the secrets are, for advice. */
  readonly agent: string;
}

const basePath = '/api/v2/agent/secrets';

/** Throws `SECRET_INPUT_INVALID` for a credential that no HTTP header can carry. */
export function createVcfLogsAdmin({ http, credential, agent }: VcfLogsAdminOptions): VcfLogsAdmin {
  if (!/^[\x21-\x7e]+$/.test(credential.reveal())) {
    throw new TokenwardError(
      'SECRET_INPUT_INVALID',
      /^bearer\s/i.test(credential.reveal())
        ? 'the admin credential begins with "Bearer"; give the token alone, without that word'
        : 'the admin credential has blanks or special characters in it; give the bare token on one line',
    );
  }
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    authorization: `Bearer ${credential.reveal()}`,
  };

  /** Sends once, and gives what `read` makes of the JSON of a 2xx answer; null there means that it makes nothing of it. */
  async function call<T>({ task, request, read }: AdminCall<T>, signal: AbortSignal): Promise<T> {
    const answer = await http.send({ ...request, headers: { ...headers, ...request.headers } }, signal);
    const result = isSuccess(answer) ? read(jsonOf(answer)) : null;
    if (result === null) throw adminError(answer, task, credential);
    return result;
  }

  return {
    createSecret: (name, signal) => call(creation(name, agent), signal),
    listSecrets: (signal) => call(listing, signal),
    revokeSecret: async (name, signal) => void (await call(revocation(name), signal)),
  };
}

interface AdminCall<T> {
  readonly task: AdminTask;
  readonly request: HttpRequest;
  readonly read: (value: unknown) => T | null;
}

function creation(name: string, agent: string): AdminCall<CreatedSecret> {
  return {
    task: {
      text: `create the secret ${name}`,
      changes: true,
      ifRefused: `where the name is taken, revoke that secret first, or choose another name: \`tokenward enroll ${agent} --name ${name}-2\``,
    },
    request: {
      method: 'POST',
      path: basePath,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ name })),
    },
    read: (value) => createdSecret(value, name),
  };
}

/** Several thousand secrets fit into the limit. */
const listing: AdminCall<readonly AgentSecretEntry[]> = {
  task: { text: 'list the secrets', changes: false },
  request: { method: 'GET', path: basePath, headers: {}, body: null, maxBodyBytes: 8 * 1024 * 1024 },
  read: listEntries,
};

function revocation(name: string): AdminCall<true> {
  return {
    task: { text: `revoke the secret ${name}`, changes: true },
    request: {
      method: 'POST',
      path: `${basePath}/${encodeURIComponent(name)}/revoke`,
      headers: {},
      body: null,
    },
    read: (value) => (isObject(value) ? true : null),
  };
}

function isSuccess(answer: Answer): answer is HttpAnswer {
  return answer.kind === 'http' && answer.complete && answer.status >= 200 && answer.status < 300;
}

function jsonOf(answer: HttpAnswer): unknown {
  const body = readBody(answer.body);
  return body.kind === 'json' ? body.value : null;
}

function createdSecret(value: unknown, name: string): CreatedSecret | null {
  const secret = textField(value, 'secret');
  if (secret === null) return null;
  return {
    id: textField(value, 'id'),
    name: textField(value, 'name') ?? name,
    secret: new Secret(secret),
    status: textField(value, 'status'),
  };
}

/** The page "List Agent Secrets" is not published; lists come bare or in an object, so both are taken. */
function listEntries(value: unknown): readonly AgentSecretEntry[] | null {
  const list: unknown = isObject(value) ? (value['secrets'] ?? value['content']) : value;
  return Array.isArray(list) ? list.flatMap(entry) : null;
}

/** An entry without a name cannot be referred to, and is left out. */
function entry(value: unknown): readonly AgentSecretEntry[] {
  const name = textField(value, 'name');
  if (name === null || !isObject(value)) return [];
  const time = value['modificationTime'];
  const modificationTime = typeof time === 'string' || typeof time === 'number' ? time : null;
  return [{ id: textField(value, 'id'), name, status: textField(value, 'status'), modificationTime }];
}
