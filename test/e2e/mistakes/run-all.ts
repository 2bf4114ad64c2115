import { hasPart, partsRequired } from '../../support/part-list.ts';
import { isRoot } from '../../support/root.ts';
import type { Ran } from '../../support/run-program.ts';
import { screen } from './golden.ts';
import type { Mistake } from './mistake.ts';
import { Place } from './place.ts';
import { startServers, type Servers } from './servers.ts';

/** Makes many mistakes, several at a time: nearly all of what one takes is waiting. */

export interface Made extends Ran {
  /** What the user has on the screen. */
  readonly screen: string;
  /** Milliseconds from typing to the end. */
  readonly tookMs: number;
}

export interface AllMade {
  /** By name; those that cannot be made on this host are missing. */
  readonly byName: ReadonlyMap<string, Made>;
  /** Milliseconds that a run without work took at worst meanwhile: what a busy machine does to it, it does to all. */
  readonly emptyMs: number;
}

const atATime = 4;

export async function makeAll(mistakes: readonly Mistake[]): Promise<AllMade> {
  await using servers = await startServers();
  const byName = new Map<string, Made>();
  const emptyMs: number[] = [];
  const left = mistakes.filter(canBeMade);
  const worker = async (turn: number) => {
    for (let mistake = left.shift(); mistake !== undefined; mistake = left.shift()) {
      byName.set(mistake.name, await make(mistake, servers));
      if (left.length % atATime === turn) emptyMs.push((await make(empty, servers)).tookMs);
    }
  };
  await Promise.all(Array.from({ length: atATime }, (_, turn) => worker(turn)));
  return { byName, emptyMs: Math.max(...emptyMs) };
}

const empty: Mistake = { name: 'none', title: 'no mistake', typed: '--version', exitCode: 0 };

/** In CI nothing is left out: a skip would be seen by nobody. */
export function canBeMade({ asStranger = false, needs = [] }: Mistake): boolean {
  return partsRequired || ((isRoot || !asStranger) && needs.every(hasPart));
}

async function make(mistake: Mistake, servers: Servers): Promise<Made> {
  await using place = await Place.create(servers);
  if (mistake.edit !== undefined) await place.edit(mistake.edit);
  await using stack = new AsyncDisposableStack();
  const obstacle = await mistake.prepare?.(place);
  if (obstacle) stack.use(obstacle);
  const started = performance.now();
  const ran = await place.run(mistake);
  return { ...ran, tookMs: performance.now() - started, screen: screen(mistake, ran, place) };
}
