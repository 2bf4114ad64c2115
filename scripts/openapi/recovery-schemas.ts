import type { RekeyAnswer } from '../../src/client/daemon-client.ts';
import type {
  AnswerFacts,
  RecoveryAction,
  RecoveryActionName,
  RecoveryReport,
  Remedy,
  ServerFacts,
  ServerFinding,
  StoredFacts,
  StoreFacts,
} from '../../src/domain/recovery-report.ts';
import type { AgentStatus } from '../../src/domain/status.ts';
import type { AgentRecords } from '../../src/ports/wrapping-keys.ts';
import { readable, secretFacts, slot } from './journal-schemas.ts';
import { count, flag, listOf, moment, nullable, objectOf, ref, type Schema, text, wordOf } from './schema.ts';

/** What `recover` and `rekey` answer. */

const actionNames = wordOf<RecoveryActionName>('Stable names, for scripts.', {
  'finish-from-answer': 'takes the new secret out of a kept answer that this version does not understand',
  replay: 'allows one more attempt with the same secret',
  adopt: 'makes this machine, folder, server or store the one that counts',
  'set-aside-unreadable': 'moves what cannot be read into a folder of its own',
  'set-aside': 'moves everything sealed of the agent into a folder of its own',
  'drop-answers': 'deletes the raw answers that are kept',
});

const stored = objectOf<StoredFacts>(
  {
    ...secretFacts,
    ours: nullable(flag('Whether this state folder wrote it.'), 'null where the folder cannot tell.'),
    origin: text('Of the server that it is for.', { examples: ['https://logs.example.com'] }),
  },
  { description: 'A stored secret, by its name.' },
);

const store = objectOf<StoreFacts>(
  {
    kind: ref('StoreKind'),
    key: wordOf<StoreFacts['key']>('The wrapping key.', {
      present: 'it is there',
      missing: 'it is not there',
    }),
    current: readable(ref('StoredSecret'), 'The current secret.'),
    candidate: readable(ref('StoredSecret'), 'A new secret that was handed over.'),
  },
  { description: 'What the secret store holds.' },
);

type ReadableAnswer = Extract<AnswerFacts, { readable: true }>;

const answer: Schema = {
  description: 'A raw answer of the server that is kept, because its end is not settled.',
  anyOf: [
    objectOf<Extract<AnswerFacts, { readable: false }>>(
      { attempt: text('Id of its attempt.'), readable: { ...flag('Never.'), const: false } },
      { description: 'One that cannot be read.' },
    ),
    objectOf<ReadableAnswer>(
      {
        attempt: text('Id of its attempt.'),
        readable: { ...flag('Always.'), const: true },
        slot,
        generation: count('Of the secret that was sent.'),
        sent_at: moment('When the request was sent.'),
        status: nullable(count('Of HTTP.'), 'null where not even a status line came.'),
        bytes: count('Of the body, as far as it came.'),
        complete: flag('Whether the whole body came.'),
        understood: flag('Whether this version knows what it means.'),
        new_secret: flag('Whether a new secret can be found in it, understood or not.'),
      },
      { description: 'One that can be read.' },
    ),
  ],
};

const server = objectOf<ServerFacts>(
  {
    name: text('Of the secret at the server.'),
    status: nullable(
      text('As the server calls it.'),
      'null where it has none of that name, or does not say.',
    ),
    modified_at: nullable(moment('A time of the server.'), 'When it was changed last.'),
    finding: wordOf<ServerFinding>('What follows.', {
      absent: 'the server has no secret of that name',
      revoked: 'it is revoked',
      'changed-since': 'it changed after the attempt was sent',
      unchanged: 'it did not change since',
      unclear: 'nothing follows',
    }),
    summary: text('What follows, in a sentence.'),
  },
  { description: "What the server's list of secrets says." },
);

const action = objectOf<RecoveryAction>(
  {
    name: ref('RecoveryActionName'),
    does: text('What it does, as the rest of a sentence that begins with its name.'),
    risk: text('What can come of it that is not wanted.'),
  },
  { description: 'Something that can be done.' },
);

interface RecoveryAnswer extends RecoveryReport {
  readonly done: RecoveryActionName | null;
  readonly set_aside: string | null;
  readonly status: AgentStatus;
}

const recovery = objectOf<RecoveryAnswer>(
  {
    agent: ref('AgentName'),
    state: ref('AgentState'),
    matter: nullable(
      objectOf<NonNullable<RecoveryReport['matter']>>(
        { code: ref('ErrorCode'), summary: text('In a sentence.') },
        { description: 'What is wrong.' },
      ),
      'null where nothing is wrong.',
    ),
    remedy: wordOf<Remedy>('Who or what mends it.', {
      'none-needed': 'nothing is to be done',
      action: 'the recommended action',
      'new-secret': "only a new secret, or a person's choice among the actions",
      store: 'whoever looks after the store',
    }),
    recommended: nullable(
      ref('RecoveryActionName'),
      'The safe next step; null where there is none, or none is needed.',
    ),
    advice: text('What to do, in a sentence.'),
    actions: listOf(ref('RecoveryAction'), 'Everything that can be done, the recommended one first.'),
    store: nullable(ref('StoreReport'), 'null where the store does not answer.'),
    journal: readable(ref('JournalReport'), 'What the journal says.'),
    session: readable(ref('SessionReport'), 'The stored token.'),
    answers: listOf(ref('KeptAnswer'), 'Raw answers that are kept, oldest first.'),
    server: nullable(ref('ServerReport'), "What the server's list says; null where nobody asked, as here."),
    done: nullable(
      ref('RecoveryActionName'),
      'What was done; null where only the report was wanted, or nothing was to be done.',
    ),
    set_aside: nullable(text('A path.'), 'The folder with what was set aside; null where nothing was.'),
    status: { ...ref('AgentStatus'), description: 'The agent after it.' },
  },
  {
    description:
      'What is known of an agent that is stuck (all but `done`, `set_aside` and `status` as it was before the action).',
  },
);

const rekey = objectOf<RekeyAnswer>(
  {
    agent: ref('AgentName'),
    rekeyed: listOf(ref('AgentName'), 'The agents whose key was replaced; empty with `dry_run`.'),
    agents: listOf(
      objectOf<AgentRecords>(
        {
          agent: ref('AgentName'),
          records: listOf(text('Its name.', { examples: ['secret', 'journal'] }), 'Its sealed records.'),
        },
        { description: 'An agent that shares the key.' },
      ),
      'Everything that was sealed anew, or would be.',
    ),
    status: ref('AgentStatus'),
  },
  { description: 'Whose wrapping key was replaced.' },
);

export const recoverySchemas: Readonly<Record<string, Schema>> = {
  RecoveryActionName: actionNames,
  RecoveryAction: action,
  StoredSecret: stored,
  StoreReport: store,
  KeptAnswer: answer,
  ServerReport: server,
  RecoveryAnswer: recovery,
  RekeyAnswer: rekey,
};
