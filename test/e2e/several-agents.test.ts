import { expect, it } from 'vitest';
import { Installation } from '../support/installation.ts';
import { matching } from '../support/matching.ts';
import { describePart } from '../support/parts.ts';

describePart(['curl'], 'several agents in one daemon', () => {
  it('have tokens of their own, and one that is refused does not disturb the others', async () => {
    await using site = await Installation.create({ config: { agents: { 'web-02': {}, 'web-03': {} } } });
    for (const agent of ['web-01', 'web-02']) await site.provision(agent);
    site.run();
    for (const agent of ['web-01', 'web-02']) await site.reaches({ state: 'active' }, { agent });
    await site.reaches({ state: 'unprovisioned' }, { agent: 'web-03' });
    expect((await site.token('web-01')) === (await site.token('web-02'))).toBe(false);

    site.emulator.revoke('web-01');
    expect(await site.cli(['refresh', 'web-01'])).toMatchObject({
      exitCode: 77,
      stderr: matching('(SECRET_REVOKED)'),
    });
    expect(await site.cli(['refresh', 'web-02'])).toMatchObject({ exitCode: 0 });

    const { agents } = JSON.parse((await site.cli(['status', '--json'])).stdout) as { agents: unknown };
    expect(agents).toMatchObject([
      { agent: 'web-01', state: 'revoked', token: { status: 'valid' }, alerts: [{ code: 'SECRET_REVOKED' }] },
      { agent: 'web-02', state: 'active', secret: { generation: 2 }, alerts: [] },
      { agent: 'web-03', state: 'unprovisioned', token: { status: 'none' } },
    ]);
    expect(site.emulator.state().secrets).toMatchObject({
      'web-02': { generation: 2, spentSecretUses: 0 },
    });
  });

  it('need the name where a caller may read more than one', async () => {
    await using site = await Installation.create({ config: { agents: { 'web-02': {} } } });
    for (const agent of ['web-01', 'web-02']) await site.provision(agent);
    site.run();
    for (const agent of ['web-01', 'web-02']) await site.reaches({ state: 'active' }, { agent });
    const { status, body } = await site.ask('/v1/token');
    expect(status).toBe(409);
    expect(JSON.parse(body)).toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
