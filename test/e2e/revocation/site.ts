import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { sendOverSocket, type SocketAnswer } from '../../../src/client/socket-request.ts';
import { fingerprintOf } from '../../../src/platform/fingerprint.ts';
import type { Installation } from '../../support/installation.ts';

/** What is done in every story of a revocation: at the server as its administrator does it, and by shippers. */

/** The headers that a request shows a credential in, by the product. */
const shown = {
  'vcf-logs': (token: string) => ({ authorization: `Bearer ${token}` }),
  onezone: (token: string) => ({ 'x-auth-token': token }),
  'f5-xc': (token: string) => ({ authorization: `APIToken ${token}` }),
} as const;

type Product = keyof typeof shown;

/** The status with which the server answers a request. */
async function atServer(
  { emulator, ca }: Installation,
  [method, path]: readonly [method: string, path: string],
  headers: Readonly<Record<string, string>>,
  body: unknown = null,
): Promise<number> {
  const outgoing = request(`${emulator.url}${path}`, { method, headers, ca, agent: false });
  outgoing.end(body === null ? undefined : JSON.stringify(body));
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  await text(incoming);
  return incoming.statusCode ?? 0;
}

/** The answer to a shipper that sends one event with this token. */
export function ingestion(site: Installation, product: Product, token: string): Promise<number> {
  const event = { events: [{ text: 'one line of a log' }] };
  return atServer(site, ['POST', '/api/v2/events'], shown[product](token), event);
}

/** Whoever has the administrator's token revokes the secret of an agent. */
export async function revokeSecret(site: Installation, name: string, admin: string): Promise<void> {
  const path = `/api/v2/agent/secrets/${name}/revoke`;
  expect(await atServer(site, ['POST', path], shown['vcf-logs'](admin))).toBe(200);
}

/** Whoever has a lasting token of the provider revokes all its temporary ones. */
export async function revokeTemporaryTokens(site: Installation, lasting: string): Promise<void> {
  const path = '/api/v3/onezone/provider/tokens/temporary';
  expect(await atServer(site, ['DELETE', path], shown.onezone(lasting))).toBe(204);
}

export async function revokeCredentials(site: Installation, names: string[], admin: string): Promise<void> {
  const path = '/api/web/namespaces/system/bulk_revoke/service_credentials';
  const body = { name_selector: { names } };
  expect(await atServer(site, ['POST', path], shown['f5-xc'](admin), body)).toBe(200);
}

interface ReportAnswer {
  readonly sequence: number;
  readonly matches: boolean;
}

/** A shipper says that it was refused with this token, or whoever revoked it says so (`revoked`). */
export async function report(
  site: Installation,
  token: string,
  status = 401,
  revoked = false,
): Promise<ReportAnswer> {
  const answer = await sendOverSocket(site.socketPath, {
    method: 'POST',
    path: reportPath(site),
    body: reportBody(token, status, revoked),
    timeoutMs: 10_000,
  });
  expect(answer).toMatchObject({ status: 202 });
  return JSON.parse(answer.body) as ReportAnswer;
}

export function reportPath({ agent }: Installation): string {
  return `/v1/agents/${agent}/token/rejections`;
}

export function reportBody(token: string, status = 401, revoked = false): string {
  return JSON.stringify({ fingerprint: fingerprintOf(token), status, ...(revoked && { revoked }) });
}

/** The answer to who asks for the token. */
export function askForToken({ socketPath, agent }: Installation): Promise<SocketAnswer> {
  const path = `/v1/agents/${agent}/token`;
  return sendOverSocket(socketPath, { method: 'GET', path, body: null, timeoutMs: 10_000 });
}

/** The token of that answer; null where there is none now. */
export async function served(site: Installation): Promise<string | null> {
  const { status, body } = await askForToken(site);
  expect([200, 503]).toContain(status);
  return status === 200 ? (JSON.parse(body) as { access_token: string }).access_token : null;
}

/** The value of one series of the daemon, such as `tokenward_token_valid{agent="web-01"}`. */
export async function metric({ socketPath }: Installation, series: string): Promise<number> {
  const asked = { method: 'GET', path: '/metrics', body: null, timeoutMs: 10_000 } as const;
  const { body } = await sendOverSocket(socketPath, asked);
  const line = body.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length));
}

/** How many tokens were reported, and so on. */
export function rejections(site: Installation, result: string): Promise<number> {
  return metric(site, `tokenward_token_rejections_total{agent="${site.agent}",result="${result}"}`);
}
