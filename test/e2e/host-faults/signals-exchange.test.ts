import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { isServed, nothingWasSpentTwice, troubleIsOver } from '../../support/host-trouble.ts';
import { Installation } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';

/** Milliseconds. */
const graceMs = 10_000;
const deadlineMs = 2_000;

/** A daemon with its first token, and a second exchange that it has just been told to end in the middle of. */
async function endingInAnExchange(fault: Parameters<Installation['emulator']['addFault']>[0]) {
  await using making = new AsyncDisposableStack();
  const config = { agent: { exchange_deadline: `${deadlineMs}ms` }, top: { shutdown_grace: `${graceMs}ms` } };
  const site = making.use(await Installation.create({ config }));
  await site.provision();
  const daemon = site.run();
  await daemon.logged('state-changed', { state: 'active' });
  site.emulator.addFault(fault);
  const refresh = site.client.refresh(site.agent).then(
    () => 'granted',
    (error: { readonly code: string }) => error.code,
  );
  await eventually(() => expect(site.exchanges).toBe(2));
  const from = performance.now();
  daemon.signal('SIGTERM');
  await daemon.logged('stopping');
  making.move();
  return { site, daemon, refresh, elapsedMs: () => performance.now() - from };
}

describe('SIGTERM in the middle of an exchange', () => {
  it('waits for an answer within the grace, and saves it', async () => {
    const latency = { kind: 'latency', endpoint: 'exchange', latencyMs: 1_000 } as const;
    const { site, daemon, refresh } = await endingInAnExchange(latency);
    await using _ = site;
    // who asks meanwhile is served
    await isServed(site, 1);
    expect(await refresh).toBe('granted');
    expect(await daemon.ended()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(daemon.events('token-published')).toHaveLength(2);

    site.run();
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(site.exchanges).toBe(2);
  });

  it('gives up one that is never answered at its deadline, and the next start sends the same secret again', async () => {
    const hang = { kind: 'hang', endpoint: 'exchange', when: 'before-commit' } as const;
    const { site, daemon, refresh, elapsedMs } = await endingInAnExchange(hang);
    await using _ = site;
    await isServed(site, 1);
    expect(await refresh).toBe('IN_DOUBT');
    expect(await daemon.ended()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(elapsedMs()).toBeGreaterThan(deadlineMs - 1_000);
    expect(elapsedMs()).toBeLessThan(graceMs);
    await daemon.logged('exchange-failed', { detail: matching('no answer') });

    site.run();
    await troubleIsOver(site, 2);
    await isServed(site, 2);
    expect(site.exchanges).toBe(3);
  });

  it('a second time ends the daemon at once, which the next start finds out', async () => {
    const hang = { kind: 'hang', endpoint: 'exchange', when: 'before-commit' } as const;
    const { site, daemon, elapsedMs } = await endingInAnExchange(hang);
    await using _ = site;
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 128 + 15, stderr: '' });
    expect(elapsedMs()).toBeLessThan(deadlineMs - 500);

    const next = site.run();
    await next.logged('doubt-found');
    await troubleIsOver(site, 2);
    expect(site.exchanges).toBe(3);
    nothingWasSpentTwice(site, 2);
  });
});
