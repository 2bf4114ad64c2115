import type { Finding } from './finding.ts';
import { agent, newHost, type Host, type Remains } from './host.ts';
import { judge } from './judge.ts';
import { prepare, Recording, recordScenario, type Cut, type Moment } from './record.ts';
import type { Scenario } from './scenario.ts';

/** Every crash of a scenario, judged. */

export interface Report {
  readonly scenario: string;
  /** Crashes: after each recorded step, and before the first. */
  readonly crashes: number;
  /** States after a SIGKILL. */
  readonly killed: number;
  readonly powerCuts: number;
  /** Each state is finished under each policy that makes a difference. */
  readonly runs: number;
  /** How many states the next start finds, by name. */
  readonly found: ReadonlyMap<string, number>;
  /** How many runs end as, by name. */
  readonly became: ReadonlyMap<string, number>;
  /** In the order of time; of the states that were wanted. */
  readonly rows: readonly CrashRow[];
  /** `SCENARIO:CRASH:CHOICES`, the step before the crash, and what is wrong. */
  readonly failures: readonly string[];
}

/** One moment at which a crash may come, and what it leaves. */
export interface CrashRow {
  /** The step of the disk or the keychain right before it; null: something happened since, and the disk stood still. */
  readonly step: string | null;
  readonly moment: Moment;
  readonly killed: Finding;
  /** How many of the states after a power cut are found so. */
  readonly powerCuts: ReadonlyMap<Finding, number>;
}

interface State {
  /** Names this state in every run. */
  readonly id: string;
  readonly step: string;
  /** Whether the moment is a later one than that right after the step. */
  readonly later: boolean;
  readonly moment: Moment;
  readonly remains: Remains;
  readonly power: boolean;
}

export interface Wanted {
  /** The states whose id begins so; by default all. */
  readonly only?: string;
  /** Go on after the first failure; by default yes. */
  readonly allFailures?: boolean;
  /** Where there are two crashes: take each `every`th first one. */
  readonly every?: number;
}

export async function enumerate(scenario: Scenario, wanted: Wanted = {}): Promise<Report> {
  const tally = new Tally(scenario, wanted);
  const { host, cuts } = await recordScenario(scenario);
  await tally.judgeAll(host, scenario.name, cuts);
  return tally.report();
}

/**
 * The next start after a SIGKILL is recorded in its turn, and ends by a second crash at each of its steps.
 */
export async function enumerateTwice(scenario: Scenario, wanted: Wanted = {}): Promise<Report> {
  const tally = new Tally(scenario, wanted);
  const { only = '', every = 1 } = wanted;
  for (let at = 1; ; at += every) {
    const host = newHost(scenario.host);
    const first = new Recording(host).process;
    await prepare(scenario, first);
    first.life.endAfter(at);
    await scenario.act(first);
    if (first.life.alive || tally.done) return tally.report();
    const name = `${scenario.name}/${at}`;
    if (!name.startsWith(only) && !only.startsWith(`${name}:`)) continue;
    const recording = new Recording(host);
    recording.begin();
    await recording.process.start();
    await host.clock.elapse(replayedMs);
    if (recording.process.broker.status().state === 'unprovisioned')
      await recording.process.handOver(host.server.create(`${agent}-again`));
    await tally.judgeAll(host, name, recording.cuts());
  }
}

/** Until a doubt was resolved by a replay, milliseconds. */
const replayedMs = 60_000;

class Tally {
  readonly #scenario: Scenario;
  readonly #only: string;
  readonly #allFailures: boolean;
  #crashes = 0;
  #killed = 0;
  #powerCuts = 0;
  #runs = 0;
  readonly #found = new Map<string, number>();
  readonly #became = new Map<string, number>();
  readonly #failures: string[] = [];
  readonly #rows: (CrashRow & { readonly powerCuts: Map<Finding, number> })[] = [];

  constructor(scenario: Scenario, { only = '', allFailures = true }: Wanted) {
    this.#scenario = scenario;
    this.#only = only;
    this.#allFailures = allFailures;
  }

  async judgeAll(host: Host, name: string, cuts: readonly Cut[]): Promise<void> {
    this.#crashes += cuts.length;
    for (const state of statesOf(name, cuts)) {
      if (this.done) return;
      if (!state.id.startsWith(this.#only)) continue;
      this.#powerCuts += state.power ? 1 : 0;
      this.#killed += state.power ? 0 : 1;
      await this.#judge(host, state);
    }
    for (const { index, step, truncated } of cuts)
      if (truncated)
        this.#failures.push(`${name}:${index}: (after ${step}): too much is not durable to try every state`);
  }

  /** Whether nothing more needs to be looked at. */
  get done(): boolean {
    return !this.#allFailures && this.#failures.length > 0;
  }

  report(): Report {
    return {
      scenario: this.#scenario.name,
      crashes: this.#crashes,
      killed: this.#killed,
      powerCuts: this.#powerCuts,
      runs: this.#runs,
      found: this.#found,
      became: this.#became,
      rows: this.#rows,
      failures: this.#failures,
    };
  }

  async #judge(host: Host, state: State): Promise<void> {
    const { id, step, moment, remains, power } = state;
    const judgements = await judge({ scenario: this.#scenario, host, moment, remains, power });
    this.#runs += judgements.length;
    for (const { policy, found, finding, became, flaw } of judgements) {
      if (policy === judgements[0]?.policy) {
        count(this.#found, found);
        this.#addToRows(state, finding);
      }
      count(this.#became, became);
      if (flaw !== null) this.#failures.push(`${id} (after ${step}; ${policy}): ${flaw}`);
    }
  }

  #addToRows({ step, later, moment, power }: State, finding: Finding): void {
    const row = this.#rows.at(-1);
    if (!power) this.#rows.push({ step: later ? null : step, moment, killed: finding, powerCuts: new Map() });
    else if (row !== undefined) count(row.powerCuts, finding);
  }
}

function* statesOf(name: string, cuts: readonly Cut[]): Generator<State> {
  for (const { index, step, killed, powerCuts, moments } of cuts) {
    for (const [nth, moment] of moments.entries()) {
      const at = `${name}:${index}${'+'.repeat(nth)}`;
      const common = { step, later: nth > 0, moment };
      yield { ...common, id: `${at}:kill`, remains: killed, power: false };
      for (const { choices, outcome } of powerCuts)
        yield { ...common, id: `${at}:${choices.join(',')}`, remains: outcome, power: true };
    }
  }
}

function count<Name extends string>(tally: Map<Name, number>, name: Name): void {
  tally.set(name, (tally.get(name) ?? 0) + 1);
}
