import type { CrashRow } from '../../test/crash-points/enumerate.ts';

/** Which part of the protocol a step on the disk belongs to. */

export type Stage = 'before' | 'intent' | 'exchange' | 'answer' | 'secret' | 'session' | 'open';

export const stages: Readonly<Record<Stage, { readonly step: string; readonly says: readonly string[] }>> = {
  before: { step: '1–3', says: ['pre-flight: could the', 'disk keep an answer?'] },
  intent: { step: '4', says: ['the intent, durable', 'before anything is sent'] },
  exchange: { step: '5', says: ['the exchange'] },
  answer: { step: '6', says: ['the answer, durable', 'before it is looked into'] },
  secret: { step: '7', says: ['the new secret, into', 'the store'] },
  session: { step: '8', says: ['the session: the token'] },
  open: { step: '9–10', says: ['the token is out, the', 'journal is closed'] },
};

/** The file in a step tells the stage; the journal is written twice. */
const files: readonly (readonly [pattern: RegExp, stage: Stage])[] = [
  [/raw-/, 'answer'],
  [/secret\.sealed/, 'secret'],
  [/session\.sealed/, 'session'],
];

/** Of a rotation with the file store. A step without a file of its own, such as a sync of the folder, belongs to the one before. */
export function stageAt(rows: readonly CrashRow[], index: number): Stage {
  const row = rows[index];
  if (row === undefined || index === 0) return 'before';
  const before = stageAt(rows, index - 1);
  const { published } = row.moment.past;
  if (published.length > (rows[0]?.moment.past.published.length ?? 0)) return 'open';
  if (row.step === null) return 'exchange';
  const [, stage] = files.find(([pattern]) => pattern.test(row.step ?? '')) ?? [];
  if (stage !== undefined) return stage;
  return before === 'before' && /[./]journal\.sealed/.test(row.step) ? 'intent' : before;
}
