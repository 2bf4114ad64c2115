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
    find: `  return startSaving(state, steps, { kind: 'grant', slot: attempt.slot });`,
    replace: `  const token = tokenOf(state, closed, attempt, outcome, moment);
  return after(
    [{ do: 'publish', token }],
    startSaving({ ...state, token }, steps, { kind: 'grant', slot: attempt.slot }),
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
    find: `      const answer = await line.exchange(attempt, secret);`,
    replace: `      await holding.release();
      const answer = await line.exchange(attempt, secret);`,
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
];
