import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type { Secret } from 'kubernetes-types/core/v1.js';
import type {
  ApiAnswer,
  ApiRefusal,
  ApiSilence,
  KubernetesApi,
  ObjectName,
  SecretEvent,
  WatchEnd,
} from '../../../src/platform/kubernetes/api.ts';
import { type FakeCluster, type Happened, type Place, type StoredObject, StatusError } from './cluster.ts';

/** One call, before the cluster has seen it. */
export interface Call {
  readonly verb: 'get' | 'update' | 'watch';
  readonly place: Place;
  readonly dryRun: boolean;
}

/**
 * What becomes of a call: `arrives` = it is answered; `lost-request` and `lost-answer` = silence, before or after the cluster
 * did it; `late` = silence, and the cluster does it when {@link ModelApi.deliverLate} says so; an answer = that one.
 */
export type Fate = 'arrives' | 'lost-request' | 'lost-answer' | 'late' | ApiRefusal | ApiSilence;

/** One pod's way to a {@link FakeCluster}, without HTTP: what becomes of each call is decided by whoever has it. */
export class ModelApi implements KubernetesApi {
  readonly #cluster: FakeCluster;
  readonly #late: (() => void)[] = [];
  readonly #streams = new Set<(end: WatchEnd) => void>();
  /** Awaited before a call, and after it: time passes there. */
  travel: (call: Call) => Promise<void> = () => new Promise((resolve) => setImmediate(resolve));
  fate: (call: Call) => Fate = () => 'arrives';
  readonly calls: Call[] = [];

  constructor(cluster: FakeCluster) {
    this.#cluster = cluster;
  }

  getSecret(at: ObjectName): Promise<ApiAnswer<Secret>> {
    return this.#call('get', { resource: 'secrets', ...at }, false, (place) => this.#cluster.get(place));
  }

  putSecret(at: ObjectName, object: Secret, options: { dryRun: boolean }): Promise<ApiAnswer<Secret>> {
    const put = (place: Place) => this.#cluster.put(place, object, options);
    return this.#call('update', { resource: 'secrets', ...at }, options.dryRun, put);
  }

  getLease(at: ObjectName): Promise<ApiAnswer<Lease>> {
    return this.#call('get', { resource: 'leases', ...at }, false, (place) => this.#cluster.get(place));
  }

  putLease(at: ObjectName, object: Lease): Promise<ApiAnswer<Lease>> {
    const put = (place: Place) => this.#cluster.put(place, object);
    return this.#call('update', { resource: 'leases', ...at }, false, put);
  }

  async watchSecret(
    at: ObjectName,
    from: string,
    told: (event: SecretEvent) => void,
    signal: AbortSignal,
  ): Promise<WatchEnd> {
    const place: Place = { resource: 'secrets', ...at };
    const call: Call = { verb: 'watch', place, dryRun: false };
    this.calls.push(call);
    await this.travel(call);
    const fate = this.fate(call);
    if (typeof fate === 'object') return fate;
    if (fate !== 'arrives') return silence(true);
    return new Promise((resolve) => {
      let stop: (() => void) | null = null;
      const finish = (end: WatchEnd) => {
        stop?.();
        this.#streams.delete(finish);
        resolve(end);
      };
      try {
        stop = this.#cluster.watch(place, from, (happened) => told(eventOf(happened)));
      } catch (error) {
        const refused = refusalOf(error);
        finish(refused.status === 410 ? { kind: 'gone' } : refused);
        return;
      }
      this.#streams.add(finish);
      signal.addEventListener('abort', () => finish(silence(true)), { once: true });
    });
  }

  /** Ends all watches of this pod. */
  endStreams(end: WatchEnd = { kind: 'closed' }): void {
    for (const finish of this.#streams) finish(end);
  }

  /** What was on its way arrives now, in order; whatever the cluster says to it, nobody hears. */
  deliverLate(): void {
    for (const arrive of this.#late.splice(0)) arrive();
  }

  async #call<Kind>(
    verb: Call['verb'],
    place: Place,
    dryRun: boolean,
    work: (place: Place) => StoredObject,
  ): Promise<ApiAnswer<Kind>> {
    const call: Call = { verb, place, dryRun };
    this.calls.push(call);
    await this.travel(call);
    const fate = this.fate(call);
    if (typeof fate === 'object') return fate;
    if (fate === 'lost-request') return silence(true);
    if (fate === 'late') {
      this.#late.push(() => answerOf(() => work(place)));
      return silence(true);
    }
    const answer = answerOf<Kind>(() => work(place));
    await this.travel(call);
    return fate === 'lost-answer' ? silence(true) : answer;
  }
}

function answerOf<Kind>(work: () => StoredObject): ApiAnswer<Kind> {
  try {
    // the wire would make another object of it, too
    return { kind: 'object', object: structuredClone(work()) as Kind };
  } catch (error) {
    return refusalOf(error);
  }
}

export function silence(sent: boolean): ApiSilence {
  return { kind: 'silent', sent, detail: 'timeout' };
}

export function refusal(status: number, retryAfterMs: number | null = null): ApiRefusal {
  return { kind: 'refused', status, reason: 'Made', message: 'made up', retryAfterMs };
}

function refusalOf(error: unknown): ApiRefusal {
  if (!(error instanceof StatusError)) throw error;
  const { code = 500, reason = '', message = '' } = error.status;
  return { kind: 'refused', status: code, reason, message, retryAfterMs: null };
}

function eventOf({ type, object }: Happened): SecretEvent {
  const { resourceVersion = '' } = object.metadata ?? {};
  if (type === 'BOOKMARK') return { kind: 'bookmark', resourceVersion };
  return { kind: type === 'DELETED' ? 'deleted' : 'changed', resourceVersion };
}
