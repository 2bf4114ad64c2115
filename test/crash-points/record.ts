import type { Stamp } from '../../src/domain/stamp.ts';
import { everyChoice, type Chosen } from '../fakes/power-cuts.ts';
import { AgentProcess } from './agent-process.ts';
import { newHost, pastOf, type Host, type Past, type Remains } from './host.ts';
import { unnamedAnswers } from './remains.ts';
import type { Scenario } from './scenario.ts';

/** Runs a process and keeps, for each of its steps, everything that a crash right after it may leave. */

/** A moment between two steps: the disk stands still, but an answer may arrive or a token go out. */
export interface Moment {
  readonly stamp: Stamp;
  readonly past: Past;
  /** How many calls the server had had. */
  readonly calls: number;
}

/** The crash after the `index`th step (0: before the first). */
export interface Cut {
  readonly index: number;
  readonly step: string;
  /** After SIGKILL: everything that was written is there. */
  readonly killed: Remains;
  /** After a power cut, with the choices that lead there. */
  readonly powerCuts: readonly Chosen<Remains>[];
  /** Whether there are more of them than {@link mostPowerCuts}: something piles up that nothing makes durable. */
  readonly truncated: boolean;
  /** Right after the step, and right before the next one if that differs. */
  readonly moments: readonly [Moment, ...Moment[]];
}

/** Steps after the arrival of an answer: create and write; then sync, rename, and sync of the folder. */
const stepsToWritten = 2;
const stepsToDurable = 5;

/** A process whose crashes are kept from {@link Recording.begin} on. */
export class Recording {
  readonly process: AgentProcess;
  readonly #host: Host;
  readonly #cuts: (Omit<Cut, 'moments'> & { readonly moments: [Moment, ...Moment[]] })[] = [];
  #begun = false;
  #stepsSinceAnswer: number | null = null;

  constructor(host: Host) {
    this.#host = host;
    this.process = new AgentProcess(host, (step) => this.#cut(step));
    host.server.delivered = (granted) => {
      if (!granted) return;
      host.past.answer = 'arrived';
      this.#stepsSinceAnswer = 0;
    };
  }

  /** The state as it is now is the first. */
  begin(): void {
    this.#begun = true;
    this.#cut('nothing yet');
  }

  /** Asked once what is recorded is done. */
  cuts(): readonly Cut[] {
    this.#lookAgain();
    return this.#cuts;
  }

  #cut(step: string): void {
    this.#lookAgain();
    this.#followAnswer(step);
    if (!this.#begun) return;
    this.#cuts.push({
      index: this.#cuts.length,
      step: withoutChance(step),
      ...remainsOf(this.#host),
      moments: [momentOf(this.#host)],
    });
  }

  /** The last cut once more, as it is right before what comes next. */
  #lookAgain(): void {
    const last = this.#cuts.at(-1);
    const moment = momentOf(this.#host);
    if (last !== undefined && differs(last.moments[0], moment)) last.moments.push(moment);
  }

  #followAnswer(step: string): void {
    const { past } = this.#host;
    if (this.#stepsSinceAnswer !== null) this.#stepsSinceAnswer += 1;
    if (this.#stepsSinceAnswer === stepsToWritten) past.answer = 'written';
    if (this.#stepsSinceAnswer === stepsToDurable) past.answer = 'durable';
    // a start seals an answer without a name anew
    if (past.answer !== 'none' && step.startsWith('write ')) past.answers.push(...unnamedAnswers(this.#host));
  }
}

export interface Recorded {
  readonly host: Host;
  readonly cuts: readonly Cut[];
}

/** A scenario from its beginning to its end, with every crash in what it is about. */
export async function recordScenario(scenario: Scenario): Promise<Recorded> {
  const host = newHost(scenario.host);
  const recording = new Recording(host);
  await prepare(scenario, recording.process);
  recording.begin();
  await scenario.act(recording.process);
  return { host, cuts: recording.cuts() };
}

/** The answer of an earlier exchange says nothing of the one that is looked at. */
export async function prepare(scenario: Scenario, process: AgentProcess): Promise<void> {
  await scenario.prepare(process);
  process.host.past.answer = 'none';
}

function momentOf(host: Host): Moment {
  return { stamp: host.clock.now(), past: pastOf(host), calls: host.server.calls.length };
}

/** No step of the scenarios leaves more than a few hundred. The first ones lose the most. */
const mostPowerCuts = 500;

function remainsOf({ disk, keychain }: Host) {
  const every = everyChoice((choose) => ({ disk: disk.crash(choose), keychain: keychain.crash(choose) }));
  const powerCuts = every.take(mostPowerCuts).toArray();
  return {
    killed: { disk: disk.copy(), keychain: keychain.clone() },
    powerCuts,
    truncated: powerCuts.length === mostPowerCuts,
  };
}

function differs(one: Moment, other: Moment): boolean {
  return (
    one.calls !== other.calls ||
    one.past.published.length !== other.past.published.length ||
    one.past.acknowledged !== other.past.acknowledged
  );
}

/** A step in words that are the same in every run: ids and suffixes drawn by chance left out. */
function withoutChance(step: string): string {
  return step.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID').replaceAll(/[0-9a-f]{16}\.tmp/g, 'tmp');
}
