import type {
  AnswerFacts,
  DoubtFacts,
  JournalFacts,
  RecoveryAction,
  RecoveryReport,
  SecretFacts,
  StoredFacts,
} from '../domain/recovery-report.ts';
import type { Fingerprint } from '../domain/secret.ts';
import { alignColumns } from './format.ts';

/** A recovery report for people: what is the matter, what is known, and what can be done. */
export function recoveryLines(report: RecoveryReport): readonly string[] {
  const { agent, matter, state, advice, actions, recommended } = report;
  const headline = matter === null ? `${agent}: ${state}` : `${agent}: ${state}, ${matter.code}`;
  return [
    headline,
    ...(matter === null ? [] : [`  ${matter.summary}`]),
    '',
    ...alignColumns(facts(report)).map(indented),
    ...answerLines(report.answers),
    '',
    `advice: ${advice}`,
    ...actionLines(actions, recommended),
  ];
}

/** What an action does, and what can come of it. */
export function actionText({ does, risk }: RecoveryAction): readonly string[] {
  return [`  ${does}`, `  risk: ${risk}`];
}

function indented(line: string): string {
  return `  ${line}`;
}

type Row = readonly [what: string, told: string];

function facts({ store, journal, session, server }: RecoveryReport): readonly Row[] {
  return [
    ...(store === null
      ? [row('store', 'does not answer')]
      : [
          row('store', `${store.kind}, wrapping key ${store.key}`),
          row('stored secret', readably(store.current, storedText)),
          row('candidate', readably(store.candidate, storedText)),
        ]),
    ...(store === null ? [] : journalRows(journal)),
    ...(store === null
      ? []
      : [
          row(
            'session',
            readably(session, ({ sequence, granted_at, expires_at }) =>
              [`token ${sequence}`, `granted ${granted_at}`, `expires ${expires_at}`].join(', '),
            ),
          ),
        ]),
    ...(server === null
      ? []
      : [
          row(
            'server',
            `${server.name}: ${server.status ?? 'no status'}, changed ${server.modified_at ?? 'unknown'}`,
          ),
          row('', server.summary),
        ]),
  ];
}

function row(what: string, told: string): Row {
  return [what, told];
}

function readably<Facts extends object>(
  found: Facts | null | 'unreadable',
  tell: (facts: Facts) => string,
): string {
  if (found === null) return 'none';
  return found === 'unreadable' ? 'there, but the wrapping key does not open it' : tell(found);
}

function storedText(secret: StoredFacts): string {
  const owner = { true: ', ours', false: ', of another state folder', null: '' }[`${secret.ours}`];
  return `${secretText(secret)}${owner}, for ${secret.origin}`;
}

function secretText({ generation, fingerprint }: SecretFacts): string {
  return `generation ${generation}, ${short(fingerprint)}`;
}

/** Enough to compare by eye; `--json` has all of it. */
function short(fingerprint: Fingerprint): string {
  return fingerprint.slice(0, 'sha256:'.length + 12);
}

function journalRows(journal: RecoveryReport['journal']): readonly Row[] {
  if (journal === null || journal === 'unreadable')
    return [
      row(
        'journal',
        readably(journal, () => ''),
      ),
    ];
  const { generation, sequence, here, origin } = journal;
  const place = here ? 'of this machine' : 'of another machine or volume';
  return [
    row('journal', `generation ${generation}, token ${sequence}, ${place}, for ${origin}`),
    ...(journal.kept === null ? [] : [row('  keeps', secretText(journal.kept))]),
    ...(journal.previous === null
      ? []
      : [
          row(
            '  spent last',
            `${secretText(journal.previous)}${journal.previous.doubted ? ', in doubt' : ''}`,
          ),
        ]),
    ...doubtRows(journal),
    ...(journal.refusal === null
      ? []
      : [row('  refused', `since ${journal.refusal.since}, tries: ${journal.refusal.tries}`)]),
    ...(journal.last_exchange === null
      ? []
      : [row('  last exchange', `${journal.last_exchange.at}, ${journal.last_exchange.outcome}`)]),
  ];
}

function doubtRows({ open_attempt: open, doubt, candidate }: JournalFacts): readonly Row[] {
  const attempts = [
    ...(doubt === null ? [] : [row('  in doubt', doubtText(doubt))]),
    ...(candidate?.doubt == null ? [] : [row('  in doubt', `the candidate, ${doubtText(candidate.doubt)}`)]),
  ];
  if (open === null) return attempts;
  return [...attempts, row('  open attempt', `${open.id}, ${open.slot}, sent ${open.sent_at}`)];
}

function doubtText({ attempts, since }: DoubtFacts): string {
  return `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} since ${since}`;
}

function answerLines(answers: readonly AnswerFacts[]): readonly string[] {
  return answers.flatMap((answer) => {
    if (!answer.readable)
      return [`  answer to attempt ${answer.attempt}: there, but the wrapping key does not open it`];
    const { attempt, sent_at: sentAt, status, bytes, complete, understood, new_secret: newSecret } = answer;
    const size = `${bytes} bytes${complete ? '' : ', cut off'}`;
    const sense = [
      understood ? 'understood' : 'not understood',
      newSecret ? 'a new secret is in it' : 'no new secret to be found in it',
    ];
    return [
      `  answer to attempt ${attempt}, sent ${sentAt}:`,
      `    HTTP ${status ?? 'none'}, ${size}; ${sense.join('; ')}`,
    ];
  });
}

function actionLines(actions: readonly RecoveryAction[], recommended: string | null): readonly string[] {
  if (actions.length === 0) return [];
  const lines = actions.flatMap((action) => [
    `${action.name === recommended ? '*' : ' '} ${action.name}`,
    ...actionText(action).map(indented),
  ]);
  return ['', recommended === null ? 'actions:' : 'actions (* is the safe next step):', ...lines];
}
