import { expect } from 'vitest';
import { sendOverSocket, type SocketAnswer } from '../../src/client/socket-request.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';
import type { AgentLabel, AgentStatus, SecretFact, Severity, TokenFact } from '../../src/domain/status.ts';
import { eventually } from './eventually.ts';
import type { Installation } from './installation.ts';
import { matching } from './matching.ts';

/** What is looked at in every fault of the host: all that is said of it, all that is served meanwhile, and its end. */

export interface Trouble {
  readonly state: AgentLabel;
  readonly token: TokenFact;
  readonly secret: SecretFact;
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** What the alert says. */
  readonly told: string | RegExp;
}

/** Milliseconds that a change for the worse or the better may take: calls that hang, and the pauses between them. */
const patience = { withinMs: 40_000 };

/** Waits until the status, the log, the metrics and the readiness all tell of the trouble. */
export async function troubleStands(site: Installation, trouble: Trouble): Promise<AgentStatus> {
  const { state, token, secret, code, severity, told } = trouble;
  const status = await site.reaches(
    {
      state,
      token: { status: token },
      secret: { status: secret, persisted: secret !== 'memory_only' },
      alerts: [{ code, severity, summary: matching(told) }],
    },
    patience,
  );
  await site.daemons.at(-1)?.logged('alert-firing', { agent: site.agent, code, severity });
  expect(await metric(site, state)).toBe(1);
  const isReady = token === 'valid' && secret !== 'memory_only';
  expect((await get(site, '/readyz')).status).toBe(isReady ? 200 : 503);
  expect((await get(site, '/healthz')).status).toBe(200);
  return status;
}

/** The socket and the token file both hand out the token of this sequence. */
export async function isServed(site: Installation, sequence: number): Promise<void> {
  const { token, details } = await site.client.token(site.agent);
  expect(details).toMatchObject({ sequence });
  await site.tokenFileHolds(token.reveal());
}

/** Whoever asks for a token is told to come back. */
export async function nothingIsServed(site: Installation): Promise<void> {
  expect((await get(site, `/v1/agents/${site.agent}/token`)).status).toBe(503);
  expect(await site.cli(['token', site.agent])).toMatchObject({ exitCode: 75, stdout: '' });
}

/** Waits for the daemon to be as if nothing had been, by itself, with a secret of this generation. */
export async function troubleIsOver(site: Installation, generation: number): Promise<AgentStatus> {
  const status = await site.reaches(
    { state: 'active', secret: { status: 'held', persisted: true, generation }, alerts: [] },
    patience,
  );
  const daemon = site.daemons.at(-1);
  await eventually(() => {
    const [began, ended] = ['alert-firing', 'alert-resolved'].map((event) =>
      daemon?.events(event).map(({ code }) => code),
    );
    expect(ended?.toSorted()).toEqual(began?.toSorted());
  });
  expect(await metric(site, 'active')).toBe(1);
  expect((await get(site, '/readyz')).status).toBe(200);
  nothingWasSpentTwice(site, generation);
  return status;
}

/** The strict server knows the same generation, refused nothing, and never saw a secret that was spent. */
export function nothingWasSpentTwice(site: Installation, generation: number): void {
  expect(site.emulator.state()).toMatchObject({
    exchanges: { refused: 0 },
    secrets: { [site.agent]: { generation, spentSecretUses: 0 } },
  });
}

function get(site: Installation, path: string): Promise<SocketAnswer> {
  return sendOverSocket(site.socketPath, { method: 'GET', path, body: null, timeoutMs: 10_000 });
}

async function metric(site: Installation, state: AgentLabel): Promise<number> {
  const { body } = await get(site, '/metrics');
  const name = `tokenward_agent_state{agent="${site.agent}",state="${state}"} `;
  const line = body.split('\n').find((each) => each.startsWith(name));
  return Number(line?.slice(name.length));
}
