import type { Broker } from '../../src/engine/broker.ts';
import { startAll, stopAll, takeOver } from '../../src/engine/supervise.ts';
import { ProcessLife } from '../fakes/process-life.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import { AgentRun } from './agent-run.ts';
import { HostDisk } from './host-disk.ts';
import type { DaemonView, HostView, SiteView } from './views.ts';

/** One process of the daemon on a host. */
export class Daemon implements DaemonView {
  readonly host: HostView;
  readonly pid: number;
  readonly random: SeededRandom;
  readonly life: ProcessLife;
  readonly runs: readonly AgentRun[];

  constructor(host: HostView, pid: number, sites: readonly SiteView[]) {
    this.host = host;
    this.pid = pid;
    this.random = host.world.random.fork();
    const disk = new HostDisk({
      media: host.media,
      clock: host.clock,
      random: this.random.fork(),
      trouble: () => host.trouble,
      alive: () => this.life.alive,
      changed: (step, path) => host.wrote(step, path),
    });
    this.life = new ProcessLife(host.clock, disk, () => host.changed(this));
    this.runs = sites.map((site) => new AgentRun(site, this));
  }

  start(): void {
    const brokers = this.#brokers();
    const begin = async () => {
      if (!(await startAll(brokers))) await takeOver(brokers);
    };
    begin().catch((error: unknown) =>
      this.host.world.failed(this.runs[0]?.site ?? null, 'start-failed', { error }),
    );
    for (const run of this.runs) void watchFile(run);
  }

  /** SIGTERM: resolves when the process has ended of itself. */
  async stop(graceMs: number): Promise<void> {
    await stopAll(this.#brokers(), graceMs);
  }

  #brokers(): readonly Broker[] {
    return this.runs.map(({ broker }) => broker);
  }
}

/** As the daemon does it (`daemon/running-agent.ts`). */
async function watchFile(run: AgentRun): Promise<void> {
  await run.broker.held();
  if (run.alive && !run.broker.ended.aborted && run.site.secretFile !== null) run.lookIntoFile();
}
