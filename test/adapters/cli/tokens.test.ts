import { describe, expect, it } from 'vitest';
import {
  FakeDaemon,
  problem,
  statusAnswer,
  type FakeReply,
  type SeenRequest,
} from '../client/fake-daemon.ts';
import { AdminStage, credentialFile } from './admin-stage.ts';

const revokeAll = `tokens revoke-all --yes ${credentialFile}`;
const fingerprint = `sha256:${'a'.repeat(64)}`;

function daemonOf(reply: FakeReply, seen: () => void = () => {}): (request: SeenRequest) => FakeReply {
  const { token, ...rest } = statusAnswer({ agent: 'zone-01', provider: 'onezone' });
  return ({ method }) => {
    seen();
    return method === 'GET'
      ? { status: 200, body: { ...rest, token: { ...(token as object), fingerprint } } }
      : reply;
  };
}

const taken: FakeReply = {
  status: 202,
  body: { agent: 'zone-01', sequence: 4, matches: true },
};

describe('tokens revoke-all', () => {
  it('tells the daemon of the tokens that it has after the answer of the server', async () => {
    await using site = await AdminStage.open(() => ({ status: 204 }));
    const revokedBefore: number[] = [];
    await using daemon = await FakeDaemon.listen(
      site.stage.socket,
      daemonOf(taken, () => revokedBefore.push(site.server.requests.length)),
    );
    const { code, stdout, stderr } = await site.run(revokeAll);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `all temporary tokens of the provider at ${site.server.url} are revoked
zone-01: the daemon knows, and makes a new token
`,
    );
    expect(revokedBefore).toEqual([1, 1]);
    expect(daemon.requests.at(-1)).toEqual({
      method: 'POST',
      target: '/v1/agents/zone-01/token/rejections',
      contentType: 'application/json',
      body: JSON.stringify({ fingerprint, status: 401, revoked: true }),
    });
    const { stdout: json } = await site.run(`${revokeAll} --json`);
    expect(JSON.parse(json)).toEqual({
      agent: 'zone-01',
      server: site.server.url,
      revoked: true,
      daemon: 'told',
      told: [{ agent: 'zone-01', result: 'told', sequence: 4, reason: null }],
    });
  });

  it('is done where no daemon runs, with a note', async () => {
    await using site = await AdminStage.open(() => ({ status: 204 }));
    const { code, stderr } = await site.run(revokeAll);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'no daemon runs here that could be told; one makes new tokens when a shipper is refused\n',
    });
  });

  it('says where the daemon did not listen', async () => {
    await using site = await AdminStage.open(() => ({ status: 204 }));
    await using _ = await FakeDaemon.listen(site.stage.socket, daemonOf(problem(403, 'PEER_DENIED')));
    const { code, stderr, stdout } = await site.run(revokeAll);
    expect(code).toBe(77);
    expect(stdout).toContain('zone-01: not told: told: PEER_DENIED');
    expect(stderr).toContain('the tokens are revoked, but the daemon could not be told of zone-01');
  });

  it('asks nobody on a dry run, and tells no daemon of what was refused', async () => {
    await using site = await AdminStage.open(() => ({
      status: 401,
      body: { error: { id: 'unauthorized', description: 'no' } },
    }));
    await using daemon = await FakeDaemon.listen(site.stage.socket, daemonOf(taken));
    const dry = await site.run('tokens revoke-all --dry-run');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(dry.stdout).toContain('they all stop working at once, on every host');
    expect(site.server.requests).toEqual([]);
    const refused = await site.run(revokeAll);
    expect(refused).toMatchObject({ code: 77, stdout: '' });
    expect(refused.stderr).toContain('answered 401 unauthorized "no"');
    expect(daemon.requests).toEqual([]);
  });
});
