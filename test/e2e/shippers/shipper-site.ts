import { expect } from 'vitest';
import type { ClientReport } from '../../../src/emulator/ingestion/client-ledger.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { RecipeTrial, type AgentTree, type Use } from './recipe-trial.ts';
import type { Shipper } from './shippers.ts';

/** Milliseconds that a busy machine may need for what takes a second. */
const patienceMs = 30_000;

const noReport: ClientReport = { accepted: 0, distinct: 0, scrapes: 0, tokens: 0 };

/** One daemon that serves every recipe, each with an agent of its own, in front of one server. */
export class ShipperSite implements AsyncDisposable {
  readonly installation: Installation;
  readonly #trials: ReadonlyMap<string, RecipeTrial>;

  private constructor(installation: Installation, trials: readonly RecipeTrial[]) {
    this.installation = installation;
    this.#trials = new Map(trials.map((trial) => [trial.agent, trial]));
  }

  /** The daemon runs, and every agent has a token. */
  static async create(uses: readonly Use[]): Promise<ShipperSite> {
    const [{ agent }] = uses as [Use];
    await using making = new AsyncDisposableStack();
    const installation = making.use(await Installation.create({ agent }));
    const trials: RecipeTrial[] = [];
    for (const use of uses) trials.push(await RecipeTrial.create(use, installation));
    await installation.configure(merged(trials));
    for (const { agent: name, life } of uses) {
      installation.emulator.setTokenLife(name, life);
      await installation.provision(name);
    }
    const site = new ShipperSite(installation, trials);
    await site.start();
    making.move();
    return site;
  }

  trial(agent: string): RecipeTrial {
    const trial = this.#trials.get(agent);
    if (trial === undefined) throw new Error(`no recipe is tried with ${agent}`);
    return trial;
  }

  async start(): Promise<void> {
    this.installation.run();
    for (const agent of this.#trials.keys()) await this.installation.reaches({ state: 'active' }, { agent });
  }

  async restart(): Promise<void> {
    await this.installation.daemons.at(-1)?.end();
    await this.start();
  }

  /** What the server has seen of an agent's shipper. */
  report(agent: string): ClientReport {
    return this.installation.emulator.state().clients[agent] ?? noReport;
  }

  /** Another token for every agent, by force; the least number of tokens that one of them has had. */
  async rotate(): Promise<number> {
    const { client } = this.installation;
    const statuses = await Promise.all([...this.#trials.keys()].map((agent) => client.refresh(agent)));
    return Math.min(...statuses.map(({ token }) => token.sequence ?? 0));
  }

  /** Each of these has shown the server so many different tokens. */
  async follow(agents: readonly string[], tokens: number): Promise<void> {
    await eventually(
      () => {
        const shown = agents.map((agent) => [agent, this.report(agent).tokens]);
        expect(shown).toEqual(agents.map((agent) => [agent, tokens]));
      },
      { withinMs: patienceMs },
    );
  }

  /** Shows the server a token that it has not shown before. */
  async another(agent: string): Promise<void> {
    const { tokens } = this.report(agent);
    await eventually(() => expect(this.report(agent).tokens).toBeGreaterThan(tokens), {
      withinMs: patienceMs,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.installation[Symbol.asyncDispose]();
  }
}

/** Gives every shipper an event now and then, until it is stopped. */
export class SteadyRate implements Disposable {
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #fed: Promise<void>[] = [];
  readonly #counts = new Map<string, number>();

  constructor(shippers: readonly Shipper[]) {
    this.#timers = shippers.map((shipper) => setInterval(() => this.#feed(shipper), shipper.everyMs));
  }

  #feed(shipper: Shipper): void {
    const count = (this.#counts.get(shipper.agent) ?? 0) + 1;
    this.#counts.set(shipper.agent, count);
    this.#fed.push(shipper.feed(`event ${count} for ${shipper.agent}`));
  }

  /** Resolves to the number of events that each shipper was given. */
  async stop(): Promise<ReadonlyMap<string, number>> {
    this[Symbol.dispose]();
    await Promise.all(this.#fed);
    return this.#counts;
  }

  /** Waits for nothing: what a shipper has not taken may never be taken. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

/** One configuration from those of the pages. The users and groups of a host are left out: a test has none of its own. */
function merged(trials: readonly RecipeTrial[]) {
  const agents = trials.map(({ agent, config }) => [agent, ofThisUser(config.agents[agent] ?? {})] as const);
  const [[, first], ...others] = agents as [(typeof agents)[number], ...typeof agents];
  const allow = [{ user: process.geteuid?.(), may: ['token', 'status', 'admin'] }];
  const listeners = trials.flatMap(({ config }) => config.listeners ?? []);
  const proxies = trials.flatMap(({ config }) => config.proxies ?? []);
  return {
    agent: first,
    agents: Object.fromEntries(others),
    listeners: listeners.map((listener) =>
      'unix' in listener ? { unix: listener['unix'], allow } : listener,
    ),
    ...(proxies.length > 0 && { top: { proxies: proxies.map(({ group: _group, ...proxy }) => proxy) } }),
  };
}

function ofThisUser(agent: AgentTree): AgentTree {
  const files = (agent.files ?? []).map(({ owner: _owner, group: _group, ...file }) => file);
  return { ...agent, files };
}
