import { beforeEach, describe, expect, it } from 'vitest';
import { SecretFileAdoption } from '../../src/daemon/secret-file-adoption.ts';
import { type ErrorCode, TokenwardError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { SecretFileReading } from '../../src/platform/secret-file.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { MemoryLog } from '../fakes/memory-log.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';

/** What is done about a secret file at each look. */

let clock: ManualClock;
let log: MemoryLog;
/** What is in the file, or why it cannot be used. */
let file: SecretFileReading | TokenwardError | null;
/** Why nothing can be stored now. */
let trouble: TokenwardError | null;
/** Every secret that was handed over, stored or not. */
let handedOver: string[];
let told: (string | null)[];
let adoption: SecretFileAdoption;

beforeEach(() => {
  [clock, log, file, trouble, handedOver, told] = [new ManualClock(), new MemoryLog(), null, null, [], []];
  const stored = new Set<string>();
  adoption = new SecretFileAdoption('/run/secret', {
    clock,
    log,
    random: new SeededRandom(1),
    async read() {
      if (file instanceof TokenwardError) throw file;
      return file;
    },
    async adopt(secret) {
      handedOver.push(secret.reveal());
      if (trouble !== null) throw trouble;
      const isNew = !stored.has(secret.reveal());
      stored.add(secret.reveal());
      return isNew;
    },
    onUsable: (failure) => void told.push(failure?.message ?? null),
  });
});

const holds = (text: string, mode = 0o600) => (file = { secret: new Secret(text), mode });
const failure = (code: ErrorCode, message: string) => new TokenwardError(code, message);

describe('a secret file', () => {
  it('that is missing is no problem', async () => {
    await adoption.look();
    expect([handedOver, told, log.lines]).toEqual([[], [], []]);
  });

  it('is adopted, and its content is known from then on', async () => {
    holds('violet');
    await adoption.look();
    await adoption.look();
    expect(log.lines).toMatchObject([
      { level: 'info', event: 'secret-file-adopted', fields: { path: '/run/secret' } },
      { level: 'debug', event: 'secret-file-known' },
    ]);
    expect(JSON.stringify(log.lines)).not.toContain('violet');
  });

  it('that cannot be used is told once for each reason, until it can be', async () => {
    file = failure('SECRET_FILE_UNUSABLE', 'empty');
    await adoption.look();
    await adoption.look();
    expect(adoption.flawed).toBe(true);
    file = failure('SECRET_FILE_UNUSABLE', 'two lines');
    await adoption.look();
    holds('violet');
    await adoption.look();
    expect([told, handedOver, adoption.flawed]).toEqual([['empty', 'two lines', null], ['violet'], false]);
  });

  it('that is removed is no problem any more', async () => {
    file = failure('SECRET_FILE_UNUSABLE', 'empty');
    await adoption.look();
    file = null;
    await adoption.look();
    expect(told).toEqual(['empty', null]);
  });

  it('that everybody may read is told once each time that begins', async () => {
    for (const mode of [0o644, 0o644, 0o440, 0o604]) {
      holds('violet', mode);
      await adoption.look();
    }
    const warnings = log.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([
      { event: 'secret-file-open-to-all', fields: { mode: '0644' } },
      { event: 'secret-file-open-to-all', fields: { mode: '0604' } },
    ]);
  });
});

describe('an adoption that fails', () => {
  it.each<ErrorCode>(['STORE_UNAVAILABLE', 'STORE_LOCKED', 'STATE_UNREADABLE', 'AGENT_HELD', 'INTERNAL'])(
    'with %s is tried again until it succeeds, and told once',
    async (code) => {
      holds('violet');
      trouble = failure(code, 'not now');
      await adoption.look();
      await clock.elapse(60_000);
      expect(handedOver.length).toBeGreaterThan(3);
      trouble = null;
      await clock.elapse(60_000);
      expect(clock.nextDueInMs()).toBeNull();
      const lines = log.lines.filter(({ level }) => level !== 'debug');
      expect(lines.map(({ event }) => event)).toEqual(['secret-file-not-adopted', 'secret-file-adopted']);
      expect(lines[0]?.fields).toMatchObject({ code, reason: 'not now', failures: 1 });
    },
  );

  it('is tried again with what is in the file by then', async () => {
    holds('violet');
    trouble = failure('STORE_LOCKED', 'locked');
    await adoption.look();
    holds('indigo');
    trouble = null;
    await clock.elapse(60_000);
    expect(handedOver).toEqual(['violet', 'indigo']);
  });

  it.each<ErrorCode>(['SHUTTING_DOWN', 'HANDOVER_REFUSED'])('with %s stays', async (code) => {
    holds('violet');
    trouble = failure(code, 'never');
    await adoption.look();
    expect(clock.nextDueInMs()).toBeNull();
  });

  it('is given up at the end', async () => {
    holds('violet');
    trouble = failure('STORE_LOCKED', 'locked');
    await adoption.look();
    adoption.close();
    expect(clock.nextDueInMs()).toBeNull();
    await adoption.look();
    expect(handedOver).toEqual(['violet']);
  });
});

describe('the end', () => {
  it('ends what was said against the file', async () => {
    file = failure('SECRET_FILE_UNUSABLE', 'empty');
    await adoption.look();
    adoption.close();
    expect(told).toEqual(['empty', null]);
  });
});
