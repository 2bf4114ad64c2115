import { placesIn } from './config/changes.ts';
import type { Config } from './config/config.ts';
import { watchConfig } from './daemon/config-watch.ts';
import { closeDeadlineMs, openRunning, type RunningOptions } from './daemon/open-running.ts';
import { connectionRoom, openPlace, socketAddress } from './daemon/places.ts';
import { createReloader } from './daemon/reload-config.ts';
import type { Reloader } from './daemon/reloader.ts';
import { watchFiles } from './daemon/running-agent.ts';
import type { Running } from './daemon/running.ts';
import { isHolder, startAll, stopAll, takeOver } from './engine/supervise.ts';
import { freeDescriptors } from './platform/descriptors.ts';
import type { PathWatch } from './platform/path-watch.ts';

/** Composition root of `tokenward run`: configuration in, running daemon out. */

export interface DaemonOptions extends RunningOptions {
  /** The file that `config` is from; watched. */
  readonly configPath: string;
  /** How the file looked just before `config` was read from it. */
  readonly configSeen: string;
  /** Reads it again. Throws what is wrong with it. */
  readonly loadConfig: () => Config;
}

export interface Daemon {
  /** Never resolves; rejects where a standby became the holder and then could not do its work. */
  readonly failure: Promise<never>;
  /** Reads the configuration again and goes by it, all or nothing. What comes of it is told by log, metrics and alerts. */
  reload(): void;
  /** Ends running attempts within `shutdown_grace`, then everything. Resolves to whether all that was received is saved. */
  stop(): Promise<boolean>;
}

/** Milliseconds after the start when the watch on files begins: loading it must not hold up the first clients. */
const watchAfterMs = 250;
/** Milliseconds after the start when freed memory goes back to the system; by then the first exchange is done. */
const trimAfterMs = 4_000;

/** What a start is made of, until the daemon listens. */
interface Starting {
  readonly running: Running;
  readonly reloader: Reloader;
  readonly watch: PathWatch;
  readonly resources: AsyncDisposableStack;
  readonly version: string;
}

/** Rejects with a `TokenwardError` where the configuration, the state folder or a listener cannot be used. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { version, configPath, configSeen: seen, loadConfig } = options;
  const resources = new AsyncDisposableStack();
  const running = await openRunning(options, resources);
  const { host, log } = running;
  const reloader = createReloader(running, loadConfig);
  const onChange = () => void reloader.request('file');
  const watch = watchConfig(configPath, { clock: host.clock, log, onChange, seen });
  const starting = { running, reloader, watch, resources, version };
  const failure = Promise.withResolvers<never>();
  // Whoever does not ask is not concerned.
  failure.promise.catch(() => {});
  try {
    if (await startAll([...running.brokers.values()])) await listen(starting);
    else void becomeHolder(starting).catch(failure.reject);
  } catch (error) {
    await end(starting);
    await resources.disposeAsync();
    throw error;
  }
  return {
    failure: failure.promise,
    reload: () => void reloader.request('signal'),
    async stop() {
      log.info('stopping');
      const saved = await end(starting);
      await resources.disposeAsync();
      if (!saved) log.error('stopped-with-unsaved-secret');
      log.info('stopped');
      return saved;
    },
  };
}

async function listen({ running, reloader, watch, resources, version }: Starting): Promise<void> {
  const { host, log, config } = running;
  await running.router.begin([...running.brokers.keys()]);
  running.freeDescriptors = await freeDescriptors();
  const context = { config, allConnections: connectionRoom(running.freeDescriptors, config) };
  resources.defer(async () => {
    await Promise.all(running.listeners.map(({ listener }) => listener.close(closeDeadlineMs)));
  });
  for (const place of placesIn(config)) {
    const opened = await openPlace(running, place, context);
    // Whoever stops a standby in this moment has closed all that was there.
    if (running.stopping) return opened.listener.close(0);
    running.listeners = [...running.listeners, opened];
  }
  running.service.tellUnused(placesIn(config).map(socketAddress));
  running.service.serving();
  reloader.open();
  log.info('started', { version, pid: process.pid, agents: [...running.brokers.keys()] });
  resources.defer(() => watch.close());
  resources.defer(
    host.clock.after(watchAfterMs, () => {
      running.watching = true;
      void watch.start();
      for (const agent of running.agents.values()) void watchFiles(agent);
    }),
  );
  resources.defer(host.clock.after(trimAfterMs, () => host.native.trimMemory()));
}

/** A standby binds and writes nothing until the holder ends. */
async function becomeHolder(starting: Starting): Promise<void> {
  const { running, reloader } = starting;
  for (;;) {
    await takeOver([...running.brokers.values()], (holderPid) =>
      running.log.info('standby', { holder_pid: holderPid }),
    );
    if (running.stopping) return;
    // Whatever changed meanwhile: a standby does not watch the file.
    await reloader.first('takeover');
    if (running.stopping) return;
    // Where the holder gave up an agent that the file has no more, it still holds the one that decides.
    if (isHolder([...running.brokers.values()])) break;
  }
  await listen(starting);
}

/** Lets the agents end, also those that a reload under way takes away. Resolves to whether all that was received is saved. */
async function end({ running, reloader }: Starting): Promise<boolean> {
  running.stopping = true;
  running.service.stopping(running.config.shutdownGraceMs);
  for (const { secretFile } of running.agents.values()) secretFile.close();
  const [saved] = await Promise.all([
    stopAll([...running.brokers.values()], running.config.shutdownGraceMs),
    reloader.close(),
  ]);
  return saved && !running.lostSecret;
}
