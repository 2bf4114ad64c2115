import type { AgentParts } from '../../src/engine/agent-parts.ts';
import type { Provider } from '../../src/ports/provider.ts';
import { AgentProcess } from '../../test/crash-points/agent-process.ts';
import { newHost } from '../../test/crash-points/host.ts';
import { prepare } from '../../test/crash-points/record.ts';
import type { Scenario } from '../../test/crash-points/scenario.ts';

/** What one rotation of the real engine asks of its store, journal, server and listeners, call by call. */

export interface Call {
  /** Such as `journal.saveRaw`. */
  readonly name: string;
  /** How many steps had changed the disk or the keychain when it began, and when it ended. */
  readonly from: number;
  to: number;
}

export interface Rotation {
  /** In the order in which they began. */
  readonly calls: readonly Call[];
  /** Each step that changed the disk or the keychain. */
  readonly steps: readonly string[];
}

export async function tracedRotation(scenario: Scenario): Promise<Rotation> {
  const trace = new Trace();
  const host = newHost(scenario.host);
  const process = new AgentProcess(
    host,
    (step) => trace.steps.push(step),
    (parts) => trace.through(parts),
  );
  await prepare(scenario, process);
  trace.begin();
  await scenario.act(process);
  return trace;
}

class Trace implements Rotation {
  readonly calls: Call[] = [];
  readonly steps: string[] = [];

  /** What came before is not looked at. */
  begin(): void {
    this.calls.length = 0;
    this.steps.length = 0;
  }

  through(parts: AgentParts): AgentParts {
    const { locks, provider } = parts;
    const connecting: Provider = {
      ...provider,
      connect: async (signal) => {
        const connection = await provider.connect(signal);
        return 'kind' in connection ? connection : this.#seen('connection', connection);
      },
    };
    return {
      ...parts,
      store: this.#seen('store', parts.store),
      journal: this.#seen('journal', parts.journal),
      provider: this.#seen('provider', connecting),
      locks: {
        tryAcquire: async (path) => {
          const lock = await locks.tryAcquire(path);
          return lock.held ? this.#seen('lock', lock) : lock;
        },
      },
      publish: this.#noting('publish', parts.publish),
    };
  }

  /** The same object; each call of a method of it is noted. */
  #seen<Part extends object>(name: string, part: Part): Part {
    return new Proxy(part, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== 'function') return member;
        const called = (...args: unknown[]): unknown => Reflect.apply(member, target, args);
        return this.#noting(`${name}.${String(key)}`, called);
      },
    });
  }

  #noting<Args extends unknown[], Result>(
    name: string,
    work: (...args: Args) => Result,
  ): (...args: Args) => Result {
    return (...args) => {
      const call: Call = { name, from: this.steps.length, to: this.steps.length };
      this.calls.push(call);
      const result = work(...args);
      if (!(result instanceof Promise)) return result;
      void result.finally(() => (call.to = this.steps.length)).catch(() => {});
      return result;
    };
  }
}
