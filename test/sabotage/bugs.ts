/** Bugs of the kind that this program must not have, each as one change of the source. */

export interface Bug {
  readonly name: string;
  /** Path in the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export const bugs: readonly Bug[] = [
  {
    name: 'the token is published before its secret is stored',
    file: 'src/domain/transition-outcome.ts',
    find: `  const saving = startSaving(state, steps, { kind: 'grant', slot: attempt.slot, ...found });`,
    replace: `  const early = sessionOf(state, closed, attempt, token, outcome.ttlMs, moment);
  const saving = after(
    [{ do: 'publish', token: early }],
    startSaving({ ...state, token: early, proved: true }, steps, { kind: 'grant', slot: attempt.slot, ...found }),
  );`,
  },
  {
    name: 'the folder is not fsynced after a rename',
    file: 'src/platform/atomic-write.ts',
    find: `    throw error;
  }
  await disk.syncFolder(folder);`,
    replace: `    throw error;
  }`,
  },
  {
    name: 'the answer is parsed before it is saved',
    file: 'src/engine/effects.ts',
    find: `    'save-raw': ({ raw }) =>
      attempted(`,
    replace: `    'save-raw': ({ raw }) =>
      interpret(parts().provider, raw.answer).kind === 'granted'
        ? Promise.resolve({ type: 'raw-saved' } as const)
        : attempted(`,
  },
  {
    name: 'the locks are dropped during the exchange',
    file: 'src/engine/effects.ts',
    find: `  const answer: Answer = held ? await line.exchange(attempt, secret) : notOurs;`,
    replace: `  if (held) await holding.release();
  const answer: Answer = held ? await line.exchange(attempt, secret) : notOurs;`,
  },
  {
    name: 'the intent is closed before the answer is saved',
    file: 'src/engine/effects.ts',
    find: `counted(meter, 'intent-saved', journal.saveRecord(record))`,
    replace: `counted(
        meter,
        'intent-saved',
        journal.saveRecord(record).then(() => journal.saveRecord({ ...record, intent: null })),
      )`,
  },
  {
    name: 'the journal does not keep the newest secret',
    file: 'src/domain/ledger.ts',
    find: `    kept: { text: grant.next.text, fingerprint: grant.next.fingerprint, generation },`,
    replace: `    kept: null,`,
  },
  {
    name: 'a 502 is taken for a refusal',
    file: 'src/providers/vcf-logs/interpret.ts',
    find: `  if (!answer.complete) return`,
    replace: `  if (answer.status === 502) return { kind: 'refused', detail: 'the server said no' };
  if (!answer.complete) return`,
  },
  {
    name: 'a dead token is withdrawn before its death is recorded',
    file: 'src/domain/transition-advance.ts',
    find: `startSaving({ ...state, report: null }, [{ save: 'record', record: next }], { kind: 'dead-token' })`,
    replace: `startSaving({ ...state, record: next, report: null }, [{ save: 'record', record: next }], { kind: 'dead-token' })`,
  },
  {
    name: 'a stored token that can be revoked is served unproved',
    file: 'src/domain/plan.ts',
    find: `  return proved || !settings.tokensRevocable;`,
    replace: `  return proved || !settings.tokensRevocable || settings.probeEveryMs === null;`,
  },
  {
    name: 'a report takes the token away without a look',
    file: 'src/domain/transition-rejection.ts',
    find: `  return after([note('token-reported', token)], advance({ ...state, report }, moment));`,
    replace: `  if (state.settings.tokensRevocable && state.phase.name === 'waiting') return buryToken(state, moment);
  return after([note('token-reported', token)], advance({ ...state, report }, moment));`,
  },
  {
    name: 'tokens that are rejected again are replaced at once',
    file: 'src/domain/rejection.ts',
    find: `  return streak === 0 ? 0 : Math.min(`,
    replace: `  return streak < 2 ? 0 : Math.min(`,
  },
  {
    name: 'a refused secret that rotates takes its token with it',
    file: 'src/domain/transition-death.ts',
    find: `    ? settings.tokensRevocable && isReported(state)`,
    replace: `    ? isReported(state)`,
  },
  {
    name: 'what was taken over from the secret file is not remembered',
    file: 'src/domain/ledger.ts',
    find: `  const adoptedFile = from === 'file' ? fingerprint : record.adoptedFile;`,
    replace: `  const adoptedFile = record.adoptedFile;`,
  },
];
