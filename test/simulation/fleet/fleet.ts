import type { AgentSettings } from '../../../src/domain/agent-state.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { usualSettings } from '../../fakes/usual-settings.ts';
import { Agenda } from './agenda.ts';
import { FleetDaemon, type FleetCounts } from './daemon.ts';
import { LogServer, type ServerOptions } from './log-server.ts';

/** The story of a fleet: everyone starts at once without a token; later the server is away for a while, and comes back. */

export interface FleetOptions {
  readonly seed: number;
  readonly daemons: number;
  readonly ttlMs: number;
  readonly lastsMs: number;
  readonly server: ServerOptions;
}

/** What happened in one {@link binMs}. */
export interface Bin {
  refused: number;
  granted: number;
  turnedAway: number;
  /** Daemons without a token that may be served; counted once a minute. */
  without: number;
}

export interface FleetStory {
  readonly bins: readonly Bin[];
}

export const binMs = 10_000;
/** All hosts of a data centre come back within this. */
const startSpreadMs = 1_000;

export function tellFleet(options: FleetOptions): FleetStory {
  const { seed, daemons, lastsMs, server } = options;
  const random = new SeededRandom(seed);
  const bins: Bin[] = [];
  const bin = emptyBin();
  let without = daemons;
  const counts: FleetCounts = {
    refused: () => void (bin.refused += 1),
    exchanged: (kind) => count(bin, kind),
  };
  const parts = { server: new LogServer(server), random, counts, settings: settingsOf(options) };
  const fleet = Array.from({ length: daemons }, (_, number) => new FleetDaemon(number, parts));
  const started = new Uint8Array(daemons);
  const agenda = new Agenda();
  for (let number = 0; number < daemons; number += 1) agenda.add(random.below(startSpreadMs), number);
  for (let endMs = binMs; endMs <= lastsMs; endMs += binMs) {
    while (agenda.nextAt < endMs) {
      const now = agenda.nextAt;
      const number = agenda.take();
      const daemon = fleet[number]!;
      agenda.add(started[number] === 1 ? daemon.wake(now) : daemon.start(now), number);
      started[number] = 1;
    }
    if (endMs % 60_000 === 0) without = fleet.filter((daemon) => !daemon.hasToken(endMs)).length;
    bins.push({ ...bin, without });
    Object.assign(bin, emptyBin());
  }
  return { bins };
}

function emptyBin(): Bin {
  return { refused: 0, granted: 0, turnedAway: 0, without: 0 };
}

function count(bin: Bin, kind: Outcome['kind']): void {
  if (kind === 'granted') bin.granted += 1;
  else bin.turnedAway += 1;
}

/** The defaults of the configuration, with the life that was asked for. */
function settingsOf({ ttlMs }: FleetOptions): AgentSettings {
  return { ...usualSettings, ttlMs };
}
