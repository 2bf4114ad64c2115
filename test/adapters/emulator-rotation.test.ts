import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitExchange, exchangeAnswer } from '../../src/emulator/vcf-logs/exchange.ts';
import { judge, rotationPolicies, type RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { SecretRegistry } from '../../src/emulator/vcf-logs/secret-registry.ts';
import { TokenLedger } from '../../src/emulator/vcf-logs/token-ledger.ts';

const ttlMs = 60_000;

function newServer(policy: RotationPolicy, random: (count: number) => Uint8Array = randomBytes) {
  const time = { nowMs: 0 };
  const clock = (): number => time.nowMs;
  const tokens = new TokenLedger(clock, random);
  return {
    time,
    tokens,
    registry: new SecretRegistry({ rule: { policy, graceMs: 1_000 }, clock, random, tokens }),
  };
}

/** Counts instead of rolling dice. */
function counting(): (count: number) => Uint8Array {
  let next = 0;
  return (count) => Uint8Array.from({ length: count }, () => (next += 1) % 256);
}

describe('judge', () => {
  const newest = { supersededAtMs: null, newerOneUsed: false };
  const superseded = { supersededAtMs: 5_000, newerOneUsed: false };
  const overtaken = { supersededAtMs: 5_000, newerOneUsed: true };

  it.each(rotationPolicies)('%s honours the newest secret', (policy) => {
    expect(judge({ policy, graceMs: 0 }, newest, 9_000)).toBe('honour');
  });

  it.each([
    ['strict', superseded, 5_000, 'refuse'],
    ['grace', superseded, 5_000, 'honour'],
    ['grace', superseded, 5_999, 'honour'],
    ['grace', superseded, 6_000, 'refuse'],
    ['grace', overtaken, 5_999, 'honour'],
    ['until-first-use', superseded, 9_000_000, 'honour'],
    ['until-first-use', overtaken, 5_000, 'refuse'],
    ['reusable', overtaken, 9_000_000, 'honour'],
    ['reuse-revokes-family', superseded, 5_000, 'refuse-and-revoke-family'],
  ] as const)('%s, %o at %i: %s', (policy, history, nowMs, judgement) => {
    expect(judge({ policy, graceMs: 1_000 }, history, nowMs)).toBe(judgement);
  });
});

describe('a run of exchanges', () => {
  // Each step presents the secret of that generation; + means granted, - refused, and ~ lets the grace time pass first.
  it.each([
    ['strict', '0+ 1+ 0- 1- 2+', { generation: 3, spentSecretUses: 2, status: 'ACTIVE' }],
    ['grace', '0+ 0+ 1+ ~0- 1- 2- 3+', { generation: 4, spentSecretUses: 3, status: 'ACTIVE' }],
    ['until-first-use', '0+ 0+ 1+ 0- 1+ 2+ 1- 5+', { generation: 6, spentSecretUses: 2, status: 'ACTIVE' }],
    ['reusable', '0+ 0+ ~0+ 1+ 3+', { generation: 5, spentSecretUses: 0, status: 'ACTIVE' }],
    ['reuse-revokes-family', '0+ 1+ 0- 2-', { generation: 2, spentSecretUses: 1, status: 'REVOKED' }],
  ] as const)('%s: %s', (policy, steps, report) => {
    const { registry, time } = newServer(policy);
    const secrets = [registry.create('web-01')?.secret ?? ''];
    for (const step of steps.split(' ')) {
      if (step.startsWith('~')) time.nowMs += 1_000;
      const secret = secrets[Number.parseInt(step.replace('~', ''), 10)] ?? '';
      const expected = step.endsWith('+');
      expect(registry.honours(secret), step).toBe(expected);
      const verdict = registry.commit(secret, ttlMs);
      expect(verdict.kind, step).toBe(expected ? 'granted' : 'refused');
      if (verdict.kind === 'granted') secrets[verdict.generation] = verdict.newSecret;
    }
    expect(registry.report()['web-01']).toMatchObject(report);
  });

  it('tells spent, revoked and unknown secrets apart for the test, not for the client', () => {
    const { registry } = newServer('strict');
    const first = registry.create('web-01')?.secret ?? '';
    const granted = registry.commit(first, ttlMs);
    const second = granted.kind === 'granted' ? granted.newSecret : '';
    registry.revoke('web-01');
    const verdicts = [first, second, 'never issued'].map((secret) => registry.commit(secret, ttlMs));
    expect(verdicts).toMatchObject([{ reason: 'spent' }, { reason: 'revoked' }, { reason: 'unknown' }]);
    const [one, ...others] = verdicts.map((verdict) => ({ ...exchangeAnswer(verdict), note: '' }));
    expect(others).toEqual([one, one]);
    expect(registry.report()['web-01']).toMatchObject({ spentSecretUses: 1, revokedSecretUses: 1 });
  });

  it('has rotated once committed, even if the answer is never worded', () => {
    const { registry } = newServer('strict');
    const secret = registry.create('web-01')?.secret ?? '';
    commitExchange(registry, Buffer.from(JSON.stringify({ secret })));
    expect(registry.honours(secret)).toBe(false);
    expect(registry.report()['web-01']?.generation).toBe(1);
  });
});

describe('names and tokens', () => {
  it('gives the name of a revoked secret away again and goes on counting', () => {
    const { registry } = newServer('strict');
    const old = registry.create('web-01')?.secret ?? '';
    expect(registry.create('web-01')).toBeNull();
    registry.revoke('web-01');
    const again = registry.create('web-01')?.secret ?? '';
    registry.commit(old, ttlMs);
    expect([registry.honours(old), registry.honours(again)]).toEqual([false, true]);
    expect(registry.report()['web-01']).toMatchObject({ status: 'ACTIVE', revokedSecretUses: 1 });
  });

  it('lets a token live out its time after the revocation', () => {
    const { registry, tokens, time } = newServer('strict');
    const verdict = registry.commit(registry.create('web-01')?.secret ?? '', ttlMs);
    const token = verdict.kind === 'granted' ? verdict.accessToken : '';
    registry.revoke('web-01');
    time.nowMs = ttlMs - 1;
    expect(tokens.holder({ carrier: 'bearer', text: token })).toBe('web-01');
    time.nowMs = ttlMs;
    expect(tokens.holder({ carrier: 'bearer', text: token })).toBeNull();
  });

  it('repeats itself with the same randomness', () => {
    const servers = [newServer('strict', counting()), newServer('strict', counting())];
    const [one, other] = servers.map(({ registry }) => registry.create('web-01'));
    expect(one).toEqual(other);
  });

  it('takes odd names for what they are', () => {
    const { registry } = newServer('strict');
    registry.create('__proto__');
    expect(Object.keys(registry.report())).toEqual(['__proto__']);
  });
});
