import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';

/** What lives in a daemon's heap, as V8 itself lists it after a collection. */
export interface Heap {
  /** Of all objects together. */
  readonly bytes: number;
  /** How many objects a class has. */
  count(className: string): number;
}

/** The parts that are read of V8's heap snapshot: nodes as rows of numbers in one flat list. */
interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[]];
    };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

/** Lets a daemon write its heap on a signal. */
export class HeapWatch {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async in(folder: string): Promise<HeapWatch> {
    await mkdir(folder);
    return new HeapWatch(folder);
  }

  /** For the environment of the daemon. */
  get nodeOptions(): string {
    return `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${this.#folder}`;
  }

  async look(daemon: Daemon): Promise<Heap> {
    daemon.signal('SIGUSR2');
    const snapshot = await eventually(
      async () => {
        const [name = 'none yet'] = await readdir(this.#folder);
        const path = join(this.#folder, name);
        // Not JSON before its last byte is written.
        const read = JSON.parse(await readFile(path, 'utf8')) as Snapshot;
        await rm(path);
        return read;
      },
      { withinMs: 20_000 },
    );
    return heapIn(snapshot);
  }
}

function heapIn({ snapshot: { meta }, nodes, strings }: Snapshot): Heap {
  const field = (name: string) => meta.node_fields.indexOf(name);
  const [type, name, size] = [field('type'), field('name'), field('self_size')];
  const object = meta.node_types[0].indexOf('object');
  const counts = new Map<string, number>();
  let bytes = 0;
  for (let row = 0; row < nodes.length; row += meta.node_fields.length) {
    bytes += nodes[row + size] ?? 0;
    if (nodes[row + type] !== object) continue;
    const className = strings[nodes[row + name] ?? -1] ?? '';
    counts.set(className, (counts.get(className) ?? 0) + 1);
  }
  return { bytes, count: (className) => counts.get(className) ?? 0 };
}
