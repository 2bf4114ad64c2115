import type { EmulatorState } from '../../src/emulator/emulation.ts';
import type { Emulator } from '../../src/emulator/start-emulator.ts';

/** One exchange as the server decided it. */
export type Decision = EmulatorState['exchanges']['last'][number];

/** Everything that the server decided in a campaign. The emulator remembers the last decisions only, so this is read often. */
export class ServerRecord {
  readonly #emulator: Emulator;
  readonly #bySecret = new Map<string, Decision[]>();
  readonly #refusals: Decision[] = [];
  #count = 0;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  /** Takes over what is new. Throws where the emulator has forgotten something in between. */
  read(): void {
    const { granted, refused, invalid, last } = this.#emulator.state().exchanges;
    const fresh = granted + refused + invalid - this.#count;
    if (fresh > last.length)
      throw new Error('the record of the server has a gap: it must be read more often');
    for (const decision of last.slice(last.length - fresh)) this.#take(decision);
    this.#count += fresh;
  }

  /** Decisions on the secret with this fingerprint, oldest first. */
  on(fingerprint: string): readonly Decision[] {
    return this.#bySecret.get(fingerprint) ?? [];
  }

  /** Oldest first. */
  get refusals(): readonly Decision[] {
    return this.#refusals;
  }

  #take(decision: Decision): void {
    const { presented, outcome } = decision;
    if (outcome === 'refused') this.#refusals.push(decision);
    if (presented === null) return;
    const earlier = this.#bySecret.get(presented);
    if (earlier === undefined) this.#bySecret.set(presented, [decision]);
    else earlier.push(decision);
  }
}
