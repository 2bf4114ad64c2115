import type { AgentProcess } from './agent-process.ts';
import { agent, newHost, type Host, type Remains } from './host.ts';
import { judge } from './judge.ts';
import { Recording, type Cut, type Moment } from './record.ts';
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
  /** `SCENARIO:CRASH:CHOICES`, the step before the crash, and what is wrong. */
  readonly failures: readonly string[];
}

interface State {
  /** Names this state in every run. */
  readonly id: string;
  readonly step: string;
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
  const host = newHost(scenario.host);
  const recording = new Recording(host);
  await prepare(scenario, recording.process);
  recording.begin();
  await scenario.act(recording.process);
  await tally.judgeAll(host, scenario.name, recording.cuts());
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

/** The answer of an earlier exchange says nothing of the one that is looked at. */
async function prepare(scenario: Scenario, process: AgentProcess): Promise<void> {
  await scenario.prepare(process);
  process.host.past.answer = 'none';
}

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
      failures: this.#failures,
    };
  }

  async #judge(host: Host, { id, step, moment, remains, power }: State): Promise<void> {
    const judgements = await judge({ scenario: this.#scenario, host, moment, remains, power });
    this.#runs += judgements.length;
    for (const { policy, found, became, flaw } of judgements) {
      if (policy === judgements[0]?.policy) count(this.#found, found);
      count(this.#became, became);
      if (flaw !== null) this.#failures.push(`${id} (after ${step}; ${policy}): ${flaw}`);
    }
  }
}

function* statesOf(name: string, cuts: readonly Cut[]): Generator<State> {
  for (const { index, step, killed, powerCuts, moments } of cuts) {
    for (const [later, moment] of moments.entries()) {
      const at = `${name}:${index}${'+'.repeat(later)}`;
      yield { id: `${at}:kill`, step, moment, remains: killed, power: false };
      for (const { choices, outcome } of powerCuts)
        yield { id: `${at}:${choices.join(',')}`, step, moment, remains: outcome, power: true };
    }
  }
}

function count(tally: Map<string, number>, name: string): void {
  tally.set(name, (tally.get(name) ?? 0) + 1);
}
