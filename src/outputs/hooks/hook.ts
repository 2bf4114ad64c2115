import type { Token } from '../../domain/token.ts';
import type { TlsSettings } from '../../platform/http/tls-files.ts';

/** What is done once a new token is in all files of its agent (`hooks` of DESIGN §6). */
export type Hook = SignalHook | HttpHook | ExecHook;

interface Timed {
  /** After which a try is given up, milliseconds. */
  readonly timeoutMs: number;
}

export interface SignalHook extends Timed {
  readonly kind: 'signal';
  readonly signal: 'HUP' | 'USR1' | 'USR2' | 'TERM';
  readonly target:
    | { readonly kind: 'pid-file'; readonly path: string }
    /** The main process of a systemd unit. */
    | { readonly kind: 'unit'; readonly unit: string };
  /** What the process has to be called, as `ps -o comm` shows it. */
  readonly process: string | null;
}

export interface HttpHook extends Timed {
  readonly kind: 'http';
  readonly method: 'POST' | 'PUT' | 'GET';
  readonly url: string;
  readonly tls: TlsSettings;
}

export interface ExecHook extends Timed {
  readonly kind: 'exec';
  /** The absolute path of a program, and its arguments. */
  readonly command: readonly string[];
}

/** One try of a hook. */
export interface HookCall {
  readonly agent: string;
  readonly token: Token;
  /** The token files of the agent. */
  readonly files: readonly string[];
  /** Ends the try. */
  readonly signal: AbortSignal;
}

export type HookResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** What went wrong, and what to do: the same for the same trouble. */
      readonly reason: string;
      /** The beginning of what the program or the server said, printable and without the token; empty where that is nothing. */
      readonly output: string;
    };

/** Tries a hook. Never rejects. */
export type RunHook = (hook: Hook, call: HookCall) => Promise<HookResult>;

/** What each is called in logs, alerts and metrics: kind and place, with nothing in it that may be a secret. No two are alike. */
export function hookNames(hooks: readonly Hook[]): readonly string[] {
  const taken = new Map<string, number>();
  return hooks.map((hook) => {
    const name = placeOf(hook);
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  });
}

function placeOf(hook: Hook): string {
  switch (hook.kind) {
    case 'signal':
      return `signal ${hook.signal} ${hook.target.kind === 'unit' ? hook.target.unit : hook.target.path}`;
    case 'http':
      return `http ${new URL(hook.url).host}`;
    case 'exec':
      return `exec ${hook.command[0] ?? ''}`;
  }
}
