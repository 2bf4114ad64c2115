import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt, JournalRecord, RawAnswer } from '../../src/domain/journal-entry.ts';
import { firstRecord } from '../../src/domain/ledger.ts';
import type { Answer } from '../../src/domain/outcome.ts';
import type { Stamp } from '../../src/domain/stamp.ts';
import type { Token } from '../../src/domain/token.ts';
import { credential } from '../../src/platform/fingerprint.ts';
import { systemRandom } from '../../src/platform/system-random.ts';
import type { Journal } from '../../src/ports/journal.ts';

/** A journal to test, empty at first. */
export interface JournalUnderTest {
  /** The journal. Where it outlives a process, each call stands for the next process. */
  open(): Journal;
  dispose(): Promise<void>;
}

export const key = new Uint8Array(32).fill(7);

const at: Stamp = { bootId: 'boot-1', bootMs: 1_000, wallMs: Date.UTC(2026, 0, 1) };

function attemptOf(wallMs = 0): Attempt {
  const sentAt = { ...at, wallMs: at.wallMs + wallMs };
  const { fingerprint } = credential('spent');
  return {
    id: systemRandom.uuid(),
    slot: 'current',
    generation: 4,
    fingerprint,
    sentAt,
    deadlineMs: 15_000,
    ttlMs: 60_000,
  };
}

export function rawOf(status: number, wallMs = 0, body = `answer ${status}`): RawAnswer {
  const answer: Answer = {
    kind: 'http',
    status,
    headers: { 'retry-after': '30' },
    body: Buffer.from(body),
    complete: false,
  };
  return { attempt: attemptOf(wallMs), answer };
}

/** Everything in it that a record can hold. */
export function fullRecord(over: Partial<JournalRecord> = {}): JournalRecord {
  const doubt = { attempts: 2, since: at, overAt: at };
  return {
    ...firstRecord('state-1', 'host:one', 'https://logs.example.com', { level: 2.5, at }),
    generation: 4,
    sequence: 9,
    intent: attemptOf(),
    current: { doubt, uncertain: true },
    previous: { ...credential('previous'), generation: 3, doubted: true, doubt },
    candidate: { fingerprint: credential('candidate').fingerprint, doubt, settled: false },
    kept: { ...credential('kept'), generation: 4 },
    refusal: { kind: 'lost', since: at, lastTryAt: at, tries: 3, detail: 'no' },
    rejectedSequence: 8,
    lastExchange: { at, outcome: 'refused', code: 'SECRET_LOST_IN_FLIGHT' },
    ...over,
  };
}

export function sessionToken(text = 'token'): Token {
  return { ...credential(text), sequence: 9, generation: 4, sentAt: at, ttlMs: 60_000, jitterDraw: 0.25 };
}

/** What every `Journal` promises (ports/journal.ts). */
export function describeJournal(name: string, setUp: () => Promise<JournalUnderTest>): void {
  describe(`the journal contract: ${name}`, () => {
    let under: JournalUnderTest;
    let journal: Journal;

    beforeEach(async () => {
      under = await setUp();
      journal = under.open();
      await journal.open(key);
    });
    afterEach(() => under.dispose());

    const image = () => under.open().open(key);

    it('is empty at first', async () => {
      expect(await journal.hasState()).toBe(false);
      expect(await image()).toEqual({ record: null, session: null, raws: [] });
    });

    it('keeps a record with everything in it', async () => {
      await journal.saveRecord(fullRecord({ intent: null }));
      const { record } = await image();
      expect(record).toEqual(fullRecord({ intent: null }));
      expect(record !== 'unreadable' && record?.kept?.text.reveal()).toBe('kept');
      expect(record !== 'unreadable' && record?.previous?.text.reveal()).toBe('previous');
      expect(await under.open().hasState()).toBe(true);
    });

    it('keeps a record with hardly anything in it', async () => {
      const empty = firstRecord('state-1', 'host:one', 'https://logs.example.com', { level: 6, at });
      await journal.saveRecord(empty);
      expect((await image()).record).toEqual(empty);
    });

    it('replaces a record as a whole', async () => {
      await journal.saveRecord(fullRecord());
      await journal.saveRecord(fullRecord({ intent: null, generation: 5, refusal: null }));
      expect((await image()).record).toMatchObject({ generation: 5, intent: null, refusal: null });
    });

    it('keeps the session', async () => {
      await journal.saveSession(sessionToken('first'));
      await journal.saveSession(sessionToken('second'));
      const { session } = await image();
      expect(session).toEqual(sessionToken('second'));
      expect(session !== 'unreadable' && session?.text.reveal()).toBe('second');
    });

    it.each([
      ['of any bytes', Buffer.from([0, 255, 10, 13, 128])],
      ['empty', Buffer.alloc(0)],
      ['of 64 KiB', Buffer.alloc(64 * 1024, 'x')],
    ])('keeps an answer as it came: a body %s', async (_what, body) => {
      const raw = rawOf(200);
      const answer: Answer = { kind: 'http', status: 200, headers: {}, body, complete: true };
      await journal.saveRaw({ ...raw, answer });
      const { raws } = await image();
      const [kept] = raws === 'unreadable' ? [] : raws;
      expect(kept).toEqual({
        attempt: raw.attempt,
        answer: { ...answer, body: expect.anything() as Uint8Array },
      });
      expect(kept?.answer.kind === 'http' && Buffer.from(kept.answer.body).equals(body)).toBe(true);
    });

    it('gives the answers back oldest first', async () => {
      const raws = [rawOf(502, 0), rawOf(503, 1_000), rawOf(200, 2_000)];
      for (const raw of raws) await journal.saveRaw(raw);
      expect(idsOf((await image()).raws)).toEqual(raws.map((raw) => raw.attempt.id));
    });

    it('keeps one answer for an attempt, the last', async () => {
      const raw = rawOf(502);
      await journal.saveRaw(raw);
      await journal.saveRaw({ ...raw, answer: { kind: 'unanswered', reason: 'reset' } });
      expect((await image()).raws).toEqual([{ ...raw, answer: { kind: 'unanswered', reason: 'reset' } }]);
    });

    it('drops the answer to one attempt, or all', async () => {
      const [first, second, third] = [rawOf(502, 0), rawOf(502, 1), rawOf(200, 2)];
      for (const raw of [first, second, third]) await journal.saveRaw(raw);
      await journal.dropRaws(second.attempt.id);
      await journal.dropRaws('no such attempt');
      expect(idsOf((await image()).raws)).toEqual([first.attempt.id, third.attempt.id]);
      await journal.dropRaws(null);
      await journal.dropRaws(null);
      expect((await image()).raws).toEqual([]);
    });

    it('keeps the answers of a long doubt within bounds, and every one that may hold a secret', async () => {
      const raws = Array.from({ length: 120 }, (_, index) => rawOf(index % 16 === 1 ? 201 : 502, index));
      for (const raw of raws) await journal.saveRaw(raw);
      const kept = new Set(idsOf((await image()).raws));
      expect(kept.size).toBeLessThan(120);
      const granted = raws.filter(({ answer }) => answer.kind === 'http' && answer.status === 201);
      expect(granted.filter((raw) => !kept.has(raw.attempt.id))).toEqual([]);
      const newest = raws.findLast(({ answer }) => answer.kind === 'http' && answer.status === 502);
      expect(kept.has(newest?.attempt.id ?? '')).toBe(true);
    });

    it('never gives up an answer that may hold a secret, however many there are', async () => {
      const raws = Array.from({ length: 80 }, (_, index) => rawOf(200, index));
      for (const raw of raws) await journal.saveRaw(raw);
      expect(idsOf((await image()).raws)).toHaveLength(80);
    });

    it('proves that it could write, and leaves everything as it was', async () => {
      await journal.saveRecord(fullRecord({ intent: null }));
      const before = await image();
      await journal.proveWritable();
      expect(await image()).toEqual(before);
    });
  });
}

function idsOf(raws: readonly RawAnswer[] | 'unreadable'): readonly string[] {
  return raws === 'unreadable' ? [] : raws.map((raw) => raw.attempt.id);
}
