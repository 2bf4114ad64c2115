import { it } from 'vitest';
import { Installation } from '../../support/installation.ts';
import { describeRoot } from '../../support/root.ts';
import { SmallDisk } from '../../support/small-disk.ts';
import { Witness } from '../../support/witness.ts';
import { expectAlert } from '../bad-input/told.ts';

/** A fault that lasts longer than the token, whose shortest life is a minute. */

describeRoot('a disk that stays full', () => {
  it('costs no more than the token: it is served to its end, and nothing is sent before there is room', async ({
    expect,
  }) => {
    await using site = await Installation.create({
      config: { agent: { ttl: '1m', refresh: { at: 0.4, jitter: 0 } } },
    });
    await using disk = await SmallDisk.at(site.stateDir);
    const witness = await Witness.begin(site, { through: disk.through });
    await disk.fill();
    const withinMs = 70_000;
    const { token } = await site.reaches({ state: 'degraded', token: { status: 'valid' } }, { withinMs });
    await witness.serves();
    const expiring = { alerts: [{ code: 'STORE_UNAVAILABLE' }, { code: 'TOKEN_EXPIRING' }] };
    const status = await site.reaches(expiring, { withinMs });
    expectAlert(status, {
      code: 'TOKEN_EXPIRING',
      severity: 'warning',
      says: ['ends and cannot be refreshed'],
    });
    await witness.daemon.logged('alert-firing', { code: 'TOKEN_EXPIRING', severity: 'warning' });
    await witness.serves();

    const over = await site.reaches({ state: 'expired', token: { status: 'expired' } }, { withinMs });
    // told in whole seconds
    expect(Date.now()).toBeGreaterThan(Date.parse(token.expires_at ?? '') - 1_000);
    expectAlert(over, { code: 'STORE_UNAVAILABLE', severity: 'critical', says: ['ENOSPC'] });
    const { status: answer, body } = await site.ask('/v1/token');
    expect(answer).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
    expect((await site.ask('/readyz')).status).toBe(503);
    // on_invalid: keep
    expect((await site.readTokenFile()) === witness.token).toBe(true);
    expect(site.exchanges).toBe(witness.exchanges);

    await disk.free();
    // who asks need not wait for the next try
    await witness.goesOn();
  });
});
