import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { startEmulator, type Emulator } from '../../../src/emulator/start-emulator.ts';
import { Installation } from '../../support/installation.ts';
import { authority, type Obstruction, obstructions, serverLeaf } from './obstructions.ts';
import { expectAlert, expectTold } from './told.ts';

/** One daemon with two agents for each obstruction: one that has a token when it comes, and one that has none yet. */

const withToken = ({ name }: Obstruction) => `${name}-with-token`;
const without = ({ name }: Obstruction) => `${name}-without`;
const nowhere = 'nowhere';

let site: Installation;
const servers = new Map<string, Emulator>();

beforeAll(async () => {
  site = await Installation.create();
  const ca = join(site.folder, 'authority.pem');
  await writeFile(ca, authority.cert);
  const agents: Record<string, Record<string, unknown>> = {};
  for (const obstruction of obstructions) {
    const server = await startEmulator({ adminToken: 'nobody', tls: serverLeaf() });
    servers.set(obstruction.name, server);
    const keys = { url: server.url, tls: { ca_file: ca }, exchange_deadline: '1s' };
    agents[withToken(obstruction)] = keys;
    agents[without(obstruction)] = keys;
  }
  agents[nowhere] = { url: 'https://logs.tokenward.invalid', tls: {} };
  await site.configure({ agents });
  await site.run().started();
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
  for (const server of servers.values()) await server.close();
});

describe.each(obstructions)('$title', (obstruction) => {
  const { code, says } = obstruction;
  const [old, young] = [withToken(obstruction), without(obstruction)];
  let server: Emulator;
  let token: string;
  let clear: () => Promise<number>;

  beforeAll(async () => {
    server = servers.get(obstruction.name)!;
    await site.client.handOver(old, new Secret(server.createSecret(old)), 20_000);
    token = await site.token(old);
    clear = await obstruction.obstruct(server);
  });

  it('a refresh is told, and the token in use is served', async () => {
    expectTold(await site.cli(['refresh', old]), obstruction);
    const status = await site.client.status(old);
    expect(status).toMatchObject({
      state: 'degraded',
      token: { status: 'valid', sequence: 1 },
      secret: { generation: 1, persisted: true },
    });
    expectAlert(status, { code, severity: 'warning', says });
    expect(await site.token(old)).toBe(token);
  });

  it('an agent without a token goes on trying', async () => {
    await site.client.handOver(young, new Secret(server.createSecret(young)), 0);
    const severity = code === 'IN_DOUBT' ? 'warning' : 'critical';
    const trying = { state: 'acquiring', secret: { status: 'pending' }, alerts: [{ code }] };
    expectAlert(await site.reaches(trying, { agent: young }), { code, severity, says });
  });

  it('costs no secret', async () => {
    expect(await clear(), 'requests that an impostor was sent').toBe(0);
    for (const agent of [old, young]) {
      expect((await site.cli(['refresh', agent])).exitCode).toBe(0);
      await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] }, { agent });
    }
    expect(server.state().exchanges).toMatchObject({ refused: 0, invalid: 0 });
  });
});

it('a host name that does not exist', async () => {
  await site.client.handOver(nowhere, new Secret('a secret that goes nowhere'), 0);
  const unreachable = { code: 'SERVER_UNREACHABLE' } as const;
  const says = ['logs.tokenward.invalid', "this host's name servers"];
  const status = await site.reaches({ state: 'acquiring', alerts: [unreachable] }, { agent: nowhere });
  expectAlert(status, { ...unreachable, severity: 'critical', says });
  expectTold(await site.cli(['refresh', nowhere]), { ...unreachable, exitCode: 69, says });
});
