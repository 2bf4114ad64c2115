import type { AccessToken, RejectionStatus } from './declaration.ts';

/** The part of undici's `DispatchController` that is used. */
interface Controller {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** undici's `DispatchHandler`; headers and trailers are passed on unseen. */
export interface Handler {
  onRequestStart?(controller: object, context: unknown): void;
  onRequestUpgrade?(controller: object, status: number, headers: unknown, socket: unknown): void;
  onResponseStart?(controller: object, status: number, headers: unknown, message?: string): void;
  onResponseData?(controller: object, chunk: Buffer): void;
  onResponseEnd?(controller: object, trailers: unknown): void;
  onResponseError?(controller: object | null, error: Error): void;
  onResponseStarted?(): void;
  onBodySent?(chunk: Buffer): void;
  onRequestSent?(): void;
}

export interface RejectionPlan {
  isRejection(status: number): status is RejectionStatus;
  readonly mayRepeat: boolean;
  report(status: RejectionStatus): void;
  /** null: no newer token. Never rejects. */
  replace(status: RejectionStatus): Promise<AccessToken | null>;
  /** Sends the request again, with this token. */
  repeat(token: AccessToken, handler: object): void;
}

/** Bytes of a rejecting answer that are read to keep its connection; beyond them, it is cut. */
const maxDrainedBytes = 64 * 1024;

/**
 * Between undici and the handler of a request. A rejecting answer is held back until it is known whether a newer token comes:
 * then the handler gets the answer of the second request, and else this one, as if nothing had been.
 */
export class RejectableAnswer implements Handler {
  readonly #handler: Handler;
  readonly #plan: RejectionPlan;
  readonly #controller = new SteadyController((reason) => this.#abort(reason));
  #phase: 'passing' | 'holding' | 'draining' | 'over' = 'passing';
  /** The calls to the handler that were held back. */
  #held: (() => void)[] = [];
  #isComplete = false;
  #isRepeated = false;
  #newer: AccessToken | null = null;
  #drainedBytes = 0;

  constructor(handler: Handler, plan: RejectionPlan) {
    this.#handler = handler;
    this.#plan = plan;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller.target = controller;
    const { reason } = this.#controller;
    if (reason !== null) controller.abort(reason);
    else if (!this.#isRepeated) this.#handler.onRequestStart?.(this.#controller, context);
  }

  onRequestUpgrade(_: Controller, status: number, headers: unknown, socket: unknown): void {
    this.#handler.onRequestUpgrade?.(this.#controller, status, headers, socket);
  }

  onResponseStart(controller: Controller, status: number, headers: unknown, message?: string): void {
    const pass = (): void => this.#handler.onResponseStart?.(this.#controller, status, headers, message);
    if (!this.#plan.isRejection(status)) return pass();
    if (this.#isRepeated || !this.#plan.mayRepeat) {
      if (!this.#isRepeated) this.#plan.report(status);
      return pass();
    }
    this.#phase = 'holding';
    this.#held.push(pass);
    controller.pause();
    void this.#plan.replace(status).then((newer) => this.#decide(newer));
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#phase === 'draining') {
      this.#drainedBytes += chunk.length;
      if (this.#drainedBytes > maxDrainedBytes) controller.abort(new Error('too long for a rejection'));
      return;
    }
    this.#pass(() => this.#handler.onResponseData?.(this.#controller, chunk));
  }

  onResponseEnd(_: Controller, trailers: unknown): void {
    this.#complete(() => this.#handler.onResponseEnd?.(this.#controller, trailers));
  }

  onResponseError(_: Controller | null, error: Error): void {
    this.#complete(() => this.#handler.onResponseError?.(this.#controller, error));
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onBodySent(chunk: Buffer): void {
    if (!this.#isRepeated) this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    if (!this.#isRepeated) this.#handler.onRequestSent?.();
  }

  #pass(call: () => void): void {
    if (this.#phase === 'passing') call();
    else if (this.#phase === 'holding') this.#held.push(call);
  }

  #complete(call: () => void): void {
    this.#isComplete = true;
    if (this.#phase === 'draining') this.#repeat();
    else this.#pass(call);
  }

  #decide(newer: AccessToken | null): void {
    if (this.#phase !== 'holding') return;
    const held = this.#held;
    this.#held = [];
    this.#newer = newer;
    this.#phase = newer === null ? 'passing' : 'draining';
    if (newer === null) this.#release(held);
    if (!this.#isComplete) this.#controller.resume();
    else if (newer !== null) this.#repeat();
  }

  /** What the handler throws ends its request, as it does where undici calls it. */
  #release(held: readonly (() => void)[]): void {
    try {
      for (const call of held) call();
    } catch (error) {
      this.#controller.abort(error as Error);
    }
  }

  #repeat(): void {
    if (this.#newer === null || this.#isRepeated) return;
    this.#phase = 'passing';
    this.#isRepeated = true;
    try {
      this.#plan.repeat(this.#newer, this);
    } catch (error) {
      this.#handler.onResponseError?.(this.#controller, error as Error);
    }
  }

  /** While an answer is held back or thrown away undici may know of no request any more: then the end is told from here. */
  #abort(reason: Error): void {
    const isOurs = this.#phase === 'holding' || this.#phase === 'draining';
    if (isOurs) this.#phase = 'over';
    this.#controller.target?.abort(reason);
    if (isOurs) this.#handler.onResponseError?.(this.#controller, reason);
  }
}

/** One controller for the handler, whichever of the two requests is under way. */
class SteadyController {
  target: (Controller & { readonly paused?: boolean }) | null = null;
  reason: Error | null = null;
  readonly #onAbort: (reason: Error) => void;

  constructor(onAbort: (reason: Error) => void) {
    this.#onAbort = onAbort;
  }

  get aborted(): boolean {
    return this.reason !== null;
  }

  get paused(): boolean {
    return this.target?.paused ?? false;
  }

  get rawHeaders(): unknown {
    return (this.target as { rawHeaders?: unknown } | null)?.rawHeaders;
  }

  get rawTrailers(): unknown {
    return (this.target as { rawTrailers?: unknown } | null)?.rawTrailers;
  }

  pause(): void {
    this.target?.pause();
  }

  resume(): void {
    this.target?.resume();
  }

  abort(reason: Error): void {
    if (this.reason !== null) return;
    this.reason = reason;
    this.#onAbort(reason);
  }
}
