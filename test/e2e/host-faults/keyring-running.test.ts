import { expect, it } from 'vitest';
import { keyringFaults } from '../../support/keyring-faults.ts';
import { faultWhileRunning, running } from '../../support/keyring-situations.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';

describePart(keyringParts, 'a keyring that fails while the daemon runs, with a refresh due', () => {
  it.concurrent.each(keyringFaults)('$name', faultWhileRunning);
});

describePart(keyringParts, 'a keyring that hangs', () => {
  it('delays no token', async () => {
    await using kept = await running({ ttl: '1m', refresh: { at: 0.05, jitter: 0.005 } });
    const { site, keyring } = kept;
    keyring.signalDaemon('SIGSTOP');
    await site.reaches({ state: 'degraded', secret: { status: 'unreachable' } });
    const latencies: number[] = [];
    for (const _ of Array(200).keys()) {
      const from = performance.now();
      await site.token();
      latencies.push(performance.now() - from);
    }
    latencies.sort((a, b) => a - b);
    expect(latencies[100]).toBeLessThan(50);
    // a call to the keyring takes its whole deadline meanwhile
    expect(latencies.at(-1)).toBeLessThan(1_000);
  });
});
