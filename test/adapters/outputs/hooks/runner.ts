import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hookRunner } from '../../../../src/composition/hooks.ts';
import type { Hook, HookResult, SignalHook } from '../../../../src/outputs/hooks/hook.ts';
import { loadNative } from '../../../../src/platform/native.ts';
import { createSystemClock } from '../../../../src/platform/system-clock.ts';
import { tokenOf } from '../fixtures/tokens.ts';

export const theToken = 'eyJ.the-token.sig';
const patient = new AbortController().signal;

/** Hooks that are really run, with what they need: a folder, and processes that say which signals they get. */
export class Runner implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tokenward-hooks-'));
  readonly #children: ChildProcess[] = [];

  async run(hook: Hook, signal = patient, env: NodeJS.ProcessEnv = process.env): Promise<HookResult> {
    const native = await loadNative();
    const clock = createSystemClock(native);
    const files = ['/run/a.token', '/run/b token'];
    return hookRunner({ native, clock, env })(hook, {
      agent: 'web-01',
      token: tokenOf(theToken, 7),
      files,
      signal,
    });
  }

  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** A process, once it waits for signals; `said` is what it has printed so far. */
  async waiting(): Promise<{
    readonly pid: number;
    readonly child: ChildProcess;
    readonly said: () => string;
  }> {
    const child = spawn('/bin/sh', [
      '-c',
      'for s in HUP USR1 USR2; do trap "echo $s" $s; done; echo ready; while :; do sleep 0.02; done',
    ]);
    this.#children.push(child);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child.stdout, 'data');
    return { pid: child.pid ?? 0, child, said: () => text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const signalTo = (path: string, more: Partial<SignalHook> = {}): SignalHook => ({
  kind: 'signal',
  signal: 'HUP',
  target: { kind: 'pid-file', path },
  process: null,
  timeoutMs: 10_000,
  ...more,
});
