import type { RecoveryAction, RecoveryActionName, RecoveryReport } from './recovery-report.ts';
import type { RecoveryStep } from './recovery-steps.ts';

/** What each action does and what it risks, in words for the person who decides. */

/** Something that can be done, with its steps. */
export interface Offer {
  readonly action: RecoveryAction;
  readonly steps: readonly RecoveryStep[];
}

/** What is the matter, and what can be done about it. */
export interface Situation extends Pick<RecoveryReport, 'matter' | 'remedy' | 'recommended' | 'advice'> {
  readonly offers: readonly Offer[];
}

/** What is adopted, or where from: it decides what has to be said. */
type Adopted = 'machine' | 'server' | 'older' | 'folder' | 'journal';

type Wording = Omit<RecoveryAction, 'name'>;

const adoptions: Readonly<Record<Adopted, Wording>> = {
  machine: {
    does: 'makes this machine the one that has the agent; the secret stays what it is',
    risk: 'if the other copy still runs or ever runs again, the two lock each other out',
  },
  server: {
    does: 'binds the secret to the server that url names now; the next exchange sends it there',
    risk: 'the secret is shown to that server; if it is another one, the secret is known there and refused',
  },
  older: {
    does: 'takes the stored secret for the current one and tries it; the one that the journal knows stays as the second to try',
    risk: 'if it is spent, the server refuses it, and a server that watches for reuse revokes all secrets of the agent',
  },
  folder: {
    does: "takes the store's secret over into this state folder",
    risk: 'the folder that wrote it can no longer use it, and must not be used again; if that one has exchanged the secret since, it is spent',
  },
  journal: {
    does: 'sets aside what cannot be read and begins a new journal with the secret that can be read',
    risk: 'if an exchange was under way when the journal was damaged, the secret is spent; then the server refuses it, and one that watches for reuse revokes all secrets of the agent',
  },
};

const wordings: Readonly<Record<Exclude<RecoveryActionName, 'adopt'>, Wording>> = {
  'finish-from-answer': {
    does: 'takes the new secret out of the kept answer, whose form this version does not know, and goes on with it',
    risk: 'if it is the wrong text, the server refuses it; the secret from before and the answer stay',
  },
  replay: {
    does: 'allows one more attempt with the same secret',
    risk: 'if the server did rotate it, the attempt is refused, and a server that watches for reuse revokes all secrets of the agent',
  },
  'set-aside-unreadable': {
    does: 'moves what cannot be read into a folder of its own and goes on with the rest',
    risk: 'what is in it is not used any more: a session means one exchange earlier; a kept answer may have held the newest secret',
  },
  'set-aside': {
    does: 'moves everything sealed of the agent into a folder of its own, so that a new secret can be enrolled',
    risk: 'whatever secret is in it is given up; the token is served to its end',
  },
  'drop-answers': {
    does: 'deletes the raw answers that are kept',
    risk: 'a new secret that one of them holds is lost for good',
  },
};

export function offer(name: Exclude<RecoveryActionName, 'adopt'>, steps: readonly RecoveryStep[]): Offer;
export function offer(name: 'adopt', steps: readonly RecoveryStep[], adopted: Adopted): Offer;
export function offer(
  name: RecoveryActionName,
  steps: readonly RecoveryStep[],
  adopted: Adopted = 'folder',
): Offer {
  const wording = name === 'adopt' ? adoptions[adopted] : wordings[name];
  return { action: { name, ...wording }, steps };
}
