import { TokenwardError } from '../../src/domain/errors.ts';
import { perform, type Keyring } from '../../src/secrets/keychain-operations.ts';
import type { KeychainAnswer, KeychainRequest } from '../../src/secrets/keychain-protocol.ts';
import { KeychainSlots } from '../../src/secrets/keychain-slots.ts';
import type { ProcessLife } from './process-life.ts';

/**
 * - `answering`: as it should be.
 * - `locked`: reads find nothing and writes fail, as gnome-keyring does it; the store rejects `STORE_LOCKED`.
 * - `hung`: nothing is done and nothing is answered; the store rejects `STORE_HUNG` at its deadline.
 * - `silent`: the work is done, and the answer never comes; `STORE_HUNG` too.
 * - `unreachable`: no D-Bus or no daemon; `STORE_UNREACHABLE`.
 */
export type KeychainCondition = 'answering' | 'locked' | 'hung' | 'silent' | 'unreachable';

export interface MemoryKeychainOptions {
  /** How many of the last changes a power cut may take. gnome-keyring renames a whole new file and does not sync the folder. */
  readonly atRisk?: number;
  /** The whole collection at the beginning, by `service/account`. */
  readonly items?: ReadonlyMap<string, string>;
}

/**
 * The keychain of one user in memory, with the real slots and the real operations above it. It outlives the processes that
 * use it. As gnome-keyring keeps a collection in one file that each change replaces, a power cut leaves a whole version of
 * it, perhaps an earlier one, and never a mix.
 */
export class MemoryKeychain {
  condition: KeychainCondition = 'answering';
  readonly #atRisk: number;
  /** The versions that a power cut may leave, oldest first; the last one is what programs see. Never empty. */
  #versions: readonly ReadonlyMap<string, string>[];

  constructor({ atRisk = 1, items = new Map() }: MemoryKeychainOptions = {}) {
    this.#atRisk = atRisk;
    this.#versions = [items];
  }

  /** What a secret store of the agent needs, in a process of this life: `new SealedSecretStore(agent, slots, random)`. */
  slots(agent: string, life: ProcessLife, { uid = 0, deadlineMs = 5_000 } = {}): KeychainSlots {
    return new KeychainSlots({
      agent,
      uid,
      ask: (request, signal) => this.#ask(request, life, deadlineMs, signal),
    });
  }

  /** The collection as programs see it, by `service/account`. */
  items(): ReadonlyMap<string, string> {
    return this.#versions.at(-1) ?? new Map();
  }

  /** Everything has reached the keychain's own disk. */
  settle(): void {
    this.#versions = [this.items()];
  }

  /** The keychain as a power cut now may leave it. `choose(n)` picks 0..n-1; 0 = everything at risk is lost. */
  crash(choose: (options: number) => number): MemoryKeychain {
    const options = this.#versions.length;
    const items = this.#versions[options === 1 ? 0 : choose(options)] ?? this.items();
    return new MemoryKeychain({ atRisk: this.#atRisk, items });
  }

  /** The same collection on another machine. */
  clone(): MemoryKeychain {
    return new MemoryKeychain({ atRisk: this.#atRisk, items: this.items() });
  }

  async #ask(
    request: KeychainRequest,
    life: ProcessLife,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<KeychainAnswer> {
    signal.throwIfAborted();
    const { condition } = this;
    if (condition === 'hung') return hangs(life, deadlineMs, signal);
    const answer = await perform(this.#keyring(life), request);
    return condition === 'silent' ? hangs(life, deadlineMs, signal) : answer;
  }

  /** What keytar does on this collection, one step of the process's life for each call. */
  #keyring(life: ProcessLife): Keyring {
    return {
      getPassword: (service, account) =>
        life.look(async () => {
          this.#mustBeThere();
          return this.condition === 'locked' ? null : (this.items().get(keyOf(service, account)) ?? null);
        }),
      setPassword: (service, account, value) =>
        life.change(`set ${account}`, async () => {
          this.#mustBeThere();
          if (this.condition === 'locked') throw new Error('Cannot create an item in a locked collection');
          this.#replace(new Map(this.items()).set(keyOf(service, account), value));
        }),
      deletePassword: async (service, account) => {
        this.#mustBeThere();
        const key = keyOf(service, account);
        if (this.condition === 'locked' || !this.items().has(key)) return false;
        await life.change(`delete ${account}`, async () =>
          this.#replace(new Map([...this.items()].filter(([each]) => each !== key))),
        );
        return true;
      },
    };
  }

  #mustBeThere(): void {
    if (this.condition === 'unreachable') throw new Error('Could not connect: No such file or directory');
  }

  #replace(items: ReadonlyMap<string, string>): void {
    this.#versions = [...this.#versions, items].slice(-1 - this.#atRisk);
  }
}

function keyOf(service: string, account: string): string {
  return `${service}/${account}`;
}

/** Ends at the deadline or with the signal, as a child that is killed. */
function hangs(life: ProcessLife, deadlineMs: number, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const cancel = life.clock.after(deadlineMs, () =>
      reject(new TokenwardError('STORE_HUNG', `the keychain did not answer within ${deadlineMs} ms`)),
    );
    signal.addEventListener(
      'abort',
      () => {
        cancel();
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}
