import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import type { LogLine } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { docker } from './docker.ts';

/** Milliseconds that something may take on a busy machine before a test calls it broken. */
const PATIENCE_MS = 60_000;

export interface ContainerOptions {
  readonly image: string;
  readonly command?: readonly string[];
  /** Volumes by name, and folders of this host by path, with where they are mounted. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  /** The event of the log that ends the start. */
  readonly until?: string;
}

/** A container as strict as it can be: nothing can be written but its mounts, and no privilege is left. */
class StrictContainer extends GenericContainer {
  constructor(image: string) {
    super(image);
    // testcontainers has no method for this one
    this.hostConfig.ReadonlyRootfs = true;
    this.withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges');
  }
}

/** A running container. Disposing removes it, whatever state it is in. */
export class Container implements AsyncDisposable {
  readonly id: string;

  private constructor(started: StartedTestContainer) {
    this.id = started.getId();
  }

  static async start(options: ContainerOptions): Promise<Container> {
    const container = new StrictContainer(options.image)
      .withBindMounts(Object.entries(options.mounts ?? {}).map(([source, target]) => ({ source, target })))
      .withTmpFs({ ...options.tmpfs })
      .withEnvironment({ ...options.env })
      .withStartupTimeout(PATIENCE_MS)
      .withWaitStrategy(Wait.forLogMessage(new RegExp(`"event":"${options.until ?? 'started'}"`)));
    if (options.command !== undefined) container.withCommand([...options.command]);
    if (options.user !== undefined) container.withUser(options.user);
    return new Container(await container.start());
  }

  /** Runs a program in it and resolves to what it printed; rejects where it fails. */
  exec(command: readonly string[], stdin?: string): Promise<string> {
    return docker(['exec', ...(stdin === undefined ? [] : ['--interactive']), this.id, ...command], {
      stdin,
    });
  }

  signal(name: string): Promise<string> {
    return docker(['kill', '--signal', name, this.id]);
  }

  /** Resolves to the exit code when it has ended. */
  async ended(): Promise<number> {
    return Number(await docker(['wait', this.id]));
  }

  /** The same container once more: the same volumes, and nothing else that it had. */
  async startAgain(): Promise<void> {
    await docker(['start', this.id]);
  }

  async log(): Promise<LogLine[]> {
    const lines = (await docker(['logs', this.id])).split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Resolves to the first line of the event, once there is one. */
  logged(event: string): Promise<LogLine> {
    return eventually(
      async () => {
        const lines = await this.log();
        const found = lines.find((line) => line.event === event);
        if (found === undefined) throw new Error(`no ${event} in ${JSON.stringify(lines, null, 1)}`);
        return found;
      },
      { withinMs: PATIENCE_MS, everyMs: 100 },
    );
  }

  /** A value of `docker inspect`, by its template. */
  inspect(template: string): Promise<string> {
    return docker(['inspect', '--format', template, this.id]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await docker(['rm', '--force', this.id]);
  }
}
