import type { Status } from 'kubernetes-types/meta/v1.js';

/**
 * A model of an API server's store, by the API conventions
 * (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md): one counter of
 * versions for all objects, optimistic concurrency, dry runs, validation of what a Secret may be, and a history that watches
 * read from and that is compacted. No time, no network: those are around it.
 */

export type Resource = 'secrets' | 'leases';

export interface StoredObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
  readonly spec?: object;
}

export interface Place {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

export type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface Happened {
  readonly type: WatchType;
  readonly object: StoredObject | Status;
}

interface Entry {
  readonly place: Place;
  readonly version: number;
  readonly type: WatchType;
  readonly object: StoredObject;
}

const kinds = { secrets: 'Secret', leases: 'Lease' } as const;
const versions = { secrets: 'v1', leases: 'coordination.k8s.io/v1' } as const;
/** Of all values of a Secret together, decoded (core/v1 MaxSecretSize). */
const maxSecretBytes = 1024 * 1024;

/** An answer that is no object, as the server words it. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details: Status['details'] = {}) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      details,
      code,
    };
  }
}

export interface PutOptions {
  readonly dryRun?: boolean;
}

export class FakeCluster {
  #version = 1000;
  #made = 0;
  /** Versions up to here are forgotten. */
  #compacted = 1000;
  readonly #objects = new Map<string, StoredObject>();
  #history: Entry[] = [];
  readonly #watchers = new Set<(entry: Entry) => void>();
  /** Every write that was made, in order. */
  readonly writes: { readonly place: Place; readonly object: StoredObject }[] = [];

  get version(): string {
    return String(this.#version);
  }

  create(place: Place, object: StoredObject = {}): StoredObject {
    if (this.#objects.has(keyOf(place))) {
      throw new StatusError(409, 'AlreadyExists', `${place.resource} "${place.name}" already exists`);
    }
    this.#made += 1;
    const uid = `00000000-0000-4000-8000-${String(this.#made).padStart(12, '0')}`;
    const metadata = { ...object.metadata, uid, creationTimestamp: '2026-01-01T00:00:00Z' };
    return this.#store(place, { ...object, metadata }, 'ADDED');
  }

  get(place: Place): StoredObject {
    const found = this.#objects.get(keyOf(place));
    if (found !== undefined) return found;
    throw new StatusError(404, 'NotFound', `${place.resource} "${place.name}" not found`, {
      name: place.name,
      kind: place.resource,
    });
  }

  /** Replaces the object. Without a version in it the last writer wins. */
  put(place: Place, object: StoredObject, { dryRun = false }: PutOptions = {}): StoredObject {
    if (object.metadata?.name !== place.name)
      throw new StatusError(400, 'BadRequest', 'the name of the object does not match the name on the URL');
    const found = this.get(place);
    const { resourceVersion, uid } = object.metadata;
    if (uid !== undefined && uid !== found.metadata?.uid)
      throw conflict(
        place,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${found.metadata?.uid}`,
      );
    if (resourceVersion !== undefined && resourceVersion !== found.metadata?.resourceVersion)
      throw conflict(
        place,
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    validate(place, object, found);
    const metadata = {
      ...object.metadata,
      ...fixed(found),
      resourceVersion: found.metadata?.resourceVersion ?? '',
    };
    const next: StoredObject = { ...object, metadata };
    // what changes nothing is no write
    if (JSON.stringify(sorted(next)) === JSON.stringify(sorted(found))) return found;
    if (dryRun) return { ...next, metadata };
    return this.#store(place, next, 'MODIFIED');
  }

  /** What `kubectl edit` does: a write that knows the newest version. */
  edit(place: Place, change: (object: StoredObject) => StoredObject): StoredObject {
    return this.put(place, change(this.get(place)));
  }

  remove(place: Place): void {
    const found = this.get(place);
    this.#objects.delete(keyOf(place));
    this.#record(place, found, 'DELETED');
  }

  /** Forgets the history: whoever watches from an older version has to begin anew. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#version;
  }

  /** Makes time pass for other objects: the version grows, and nothing of ours changes. */
  tick(versions_ = 1): void {
    this.#version += versions_;
  }

  /**
   * Tells what happened to the object after the version, and goes on to tell. Throws 410 for one that is forgotten. Returns the
   * function that ends it.
   */
  watch(place: Place, from: string, told: (happened: Happened) => void): () => void {
    if (Number(from) < this.#compacted)
      throw new StatusError(410, 'Expired', `too old resource version: ${from} (${this.#compacted})`);
    const tell = (entry: Entry) => {
      if (keyOf(entry.place) === keyOf(place)) told({ type: entry.type, object: entry.object });
    };
    for (const entry of this.#history) if (entry.version > Number(from)) tell(entry);
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  bookmark({ resource }: Place): Happened {
    const object = {
      kind: kinds[resource],
      apiVersion: versions[resource],
      metadata: { resourceVersion: this.version },
    };
    return { type: 'BOOKMARK', object };
  }

  #store(place: Place, object: StoredObject, type: WatchType): StoredObject {
    const stored: StoredObject = {
      ...object,
      kind: kinds[place.resource],
      apiVersion: versions[place.resource],
      metadata: {
        ...object.metadata,
        name: place.name,
        namespace: place.namespace,
        resourceVersion: String(this.#version + 1),
      },
    };
    this.#objects.set(keyOf(place), stored);
    this.writes.push({ place, object: stored });
    this.#record(place, stored, type);
    return stored;
  }

  #record(place: Place, object: StoredObject, type: WatchType): void {
    this.#version += 1;
    const at = { ...object, metadata: { ...object.metadata, resourceVersion: this.version } };
    const entry: Entry = { place, version: this.#version, type, object: at };
    this.#history.push(entry);
    for (const tell of this.#watchers) tell(entry);
  }
}

function keyOf({ resource, namespace, name }: Place): string {
  return `${resource}/${namespace}/${name}`;
}

function conflict({ resource, name }: Place, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${resource} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, { name, kind: resource });
}

/** What no writer can change. */
function fixed({ metadata = {} }: StoredObject) {
  const { name = '', namespace = '', uid = '', creationTimestamp = '' } = metadata;
  return { name, namespace, uid, creationTimestamp };
}

function validate({ resource, name }: Place, object: StoredObject, found: StoredObject): void {
  if (resource !== 'secrets') return;
  const invalid = (why: string) =>
    new StatusError(422, 'Invalid', `Secret "${name}" is invalid: ${why}`, { name, kind: 'Secret' });
  if (found.immutable === true && JSON.stringify(sorted(found.data)) !== JSON.stringify(sorted(object.data)))
    throw invalid('data: Forbidden: field is immutable when `immutable` is set');
  for (const key of Object.keys(object.data ?? {}))
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key)) throw invalid(`data[${key}]: Invalid value: "${key}"`);
  const values = Object.values(object.data ?? {}).map((value) => Buffer.from(value, 'base64').length);
  const total = values.reduce((sum, size) => sum + size, 0);
  if (total > maxSecretBytes) throw invalid('data: Too long: may not be more than 1048576 bytes');
}

/** The same whatever the order of the keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]),
  );
}
