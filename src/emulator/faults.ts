/** Faults on request. A fault says which requests it meets, and what becomes of them before or after the server commits. */
import type { Endpoint } from './api.ts';

/** `after-commit`: the server has done what was asked, and only its answer suffers. */
type FaultMoment = 'before-commit' | 'after-commit';

interface FaultTarget {
  /** Default `any`. The control plane is never disturbed. */
  readonly endpoint?: Endpoint | 'any';
  /** How many requests it meets; default 1. */
  readonly count?: number | 'until-cleared';
  /** Default `before-commit`, but `after-commit` for truncated, garbage, reshaped and oversized. */
  readonly when?: FaultMoment;
  /** Milliseconds to wait before the fault shows; default 0. */
  readonly latencyMs?: number;
}

type FaultAction =
  /** Nothing but `latencyMs`; the true answer follows. */
  | { readonly kind: 'latency' }
  /** Any final status (200..599) with an `ErrorBody` (default), an HTML page, nothing, or a firewall's block page. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: 'error' | 'html' | 'empty' | 'firewall';
      readonly errorCode?: string;
    }
  /** The connection is reset without an answer. */
  | { readonly kind: 'reset' }
  /** The true answer's head and the first `keepBytes` bytes of its body (default half, at most all but one), then the connection closes. Always after commit. */
  | { readonly kind: 'truncated'; readonly keepBytes?: number }
  /** A body that claims to be JSON and is not; with the status of the true answer after commit, 200 before. */
  | { readonly kind: 'garbage' }
  /** The true answer's members under other names, and in an object of their own, as another version of the server might have it. */
  | { readonly kind: 'reshaped' }
  /** `bytes` (default 1 MiB) of blanks before the body: valid JSON for a reader without a limit. */
  | { readonly kind: 'oversized'; readonly bytes?: number }
  /** 429 with `LIMIT_ERROR`; `Retry-After` only where seconds are given, as seconds (default) or as an HTTP date. */
  | {
      readonly kind: 'rate-limited';
      readonly retryAfterSeconds?: number;
      readonly retryAfterForm?: 'seconds' | 'date';
    }
  /** Default 302. */
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: 301 | 302 | 303 | 307 | 308 }
  /** No answer ever; the connection stays open until the client or the emulator gives up. */
  | { readonly kind: 'hang' };

export type FaultKind = FaultAction['kind'];
export type Fault = FaultTarget & FaultAction;

/** A fault that waits for its requests. */
export interface PendingFault {
  readonly fault: Fault;
  readonly left: number | 'until-cleared';
}

/** The faults in force. A request takes the oldest one that matches, and never more than one. */
export class FaultBook {
  #pending: PendingFault[] = [];

  add(fault: Fault): void {
    this.#pending.push({ fault, left: fault.count ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  take(endpoint: Endpoint): Fault | null {
    const index = this.#pending.findIndex(({ fault }) =>
      [undefined, 'any', endpoint].includes(fault.endpoint),
    );
    const pending = this.#pending[index];
    if (pending === undefined) return null;
    const { fault, left } = pending;
    if (left === 1) this.#pending.splice(index, 1);
    else if (left !== 'until-cleared') this.#pending[index] = { fault, left: left - 1 };
    return fault;
  }

  list(): readonly PendingFault[] {
    return [...this.#pending];
  }
}

const spoilsTheAnswer: ReadonlySet<FaultKind> = new Set(['truncated', 'garbage', 'reshaped', 'oversized']);

/** When a fault strikes, its default applied. */
export function momentOf(fault: Fault): FaultMoment {
  return fault.when ?? (spoilsTheAnswer.has(fault.kind) ? 'after-commit' : 'before-commit');
}
