import type { AgentSettings } from '../../src/domain/agent-state.ts';
import type { ProbeVerdict } from '../../src/domain/probe.ts';
import type { Fingerprint } from '../../src/domain/secret.ts';
import { FakeServer } from '../fakes/fake-server.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import { MemoryKeychain } from '../fakes/memory-keychain.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { Host, type HostOptions } from './host.ts';
import { invariants, type InvariantName } from './invariants/names.ts';
import { observersOf } from './invariants/observers.ts';
import { MediaReader } from './media.ts';
import { productSettings } from './product.ts';
import type { Site } from './site.ts';
import type { Story } from './story.ts';
import { count, emptyTally, type Tally } from './tally.ts';
import { Trace } from './trace.ts';
import type { Fields, Flight, GrantedToken, SiteView, Verdicts, WorldView } from './views.ts';

export interface Violation {
  readonly invariant: InvariantName;
  readonly what: string;
  readonly site: string;
  readonly atMs: number;
}

/** The true time, the server, all hosts, and everything that is known of them. */
export class World implements WorldView {
  readonly story: Story;
  readonly truth = new ManualClock({ bootMs: 0 });
  readonly random: SeededRandom;
  readonly server: FakeServer;
  readonly reader = new MediaReader();
  readonly trace: Trace;
  readonly tally: Tally = emptyTally();
  readonly hosts: Host[] = [];
  /** Tokens that the agent was told to be rejected. */
  readonly rejected = new Set<Fingerprint>();
  denial: ProbeVerdict | null = null;
  readonly violations: Violation[] = [];
  /** The story is at its end: nobody does anything any more that was planned before. */
  calm = false;
  readonly #grants = new Map<Fingerprint, GrantedToken>();
  #steps = 0;

  constructor(story: Story, traced: boolean) {
    this.story = story;
    this.random = new SeededRandom(story.seed ^ 0x5ee_d5eed);
    this.trace = new Trace(traced, () => this.nowMs());
    this.server = new FakeServer(story.policy, this.truth, this.random.fork(), story.graceMs);
    for (let index = 1; index <= story.hosts; index += 1) this.#addFirstHost(index);
  }

  /** True time since the story began, ms. */
  nowMs(): number {
    return this.truth.now().bootMs;
  }

  /** Numbers what happens, so that one can say what came first. */
  step(): number {
    this.#steps += 1;
    return this.#steps;
  }

  get sites(): readonly Site[] {
    return this.hosts.flatMap(({ sites }) => sites);
  }

  grantOf(token: Fingerprint): GrantedToken | undefined {
    return this.#grants.get(token);
  }

  granted(site: SiteView, { sentAtMs, granted }: Flight, ttlMs: number): void {
    if (granted === null) return;
    const { clock } = site.host;
    const { wallOffMs } = clock;
    const { secret, token } = granted;
    this.#grants.set(token, { secret, sentAtMs, ttlMs, boot: clock.now().bootId, wallOffMs });
  }

  add(options: HostOptions): Host {
    const host = new Host(this, options);
    this.hosts.push(host);
    for (const site of host.sites) site.observers = observersOf(site, (name) => this.verdicts(name, site));
    return host;
  }

  verdicts(name: InvariantName, site: SiteView | null): Verdicts {
    return {
      exercised: () => count(this.tally.exercised, name),
      violated: (what, fields = {}) => {
        const place = site?.name ?? 'world';
        this.trace.add(place, `VIOLATION of "${invariants[name]}": ${what}`, fields);
        this.violations.push({ invariant: name, what, site: place, atMs: this.nowMs() });
      },
    };
  }

  failed(site: SiteView | null, what: string, fields: Fields): void {
    const error = fields['error'];
    const text = error instanceof Error ? (error.stack ?? error.message) : what;
    this.verdicts('no-failure-of-our-own', site).violated(text);
  }

  #addFirstHost(index: number): void {
    const { story } = this;
    const agents = Array.from({ length: story.agentsPerHost }, (_, number) =>
      settingsOf(story, `web-${index}${number}`, this.truth.now().wallMs),
    );
    const media = new MemoryDisk();
    for (const folder of ['/keys', ...agents.map(({ agent }) => `/state/agents/${agent}`)])
      media.seedFolder(folder);
    const keychain = story.store === 'keychain' ? new MemoryKeychain({ atRisk: story.atRisk }) : null;
    this.add({ name: `host-${index}`, media, keychain, agents });
  }
}

function settingsOf(story: Story, agent: string, startMs: number): AgentSettings {
  return {
    agent,
    provider: 'vcf-logs',
    store: story.store,
    ...productSettings(story.product, startMs),
    inDoubt: story.inDoubt,
    ttlMs: story.ttlMs,
    refresh: { at: 0.75, jitter: 0.1 },
    maxExchangesPerMinute: story.perMinute,
    exchangeDeadlineMs: 15_000,
    origin: 'https://logs.example.com',
    exchanges: true,
  };
}
