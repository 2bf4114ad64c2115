import { expect } from 'vitest';
import type { AgentStatus } from '../../src/domain/status.ts';
import { expectAlert, expectTold, type Told } from '../e2e/bad-input/told.ts';
import type { Daemon, DaemonOptions } from './daemon.ts';
import { eventually } from './eventually.ts';
import type { Installation } from './installation.ts';
import type { Ran } from './run-program.ts';

/** Milliseconds that a slow answer takes: enough to break the host meanwhile. */
const slowMs = 2_500;

/** What is seen of a fault while it lasts. */
export interface Seen extends Told {
  /** As `toMatchObject` has it. */
  readonly status: object;
  readonly severity: 'warning' | 'critical';
}

/**
 * Watches an agent through a fault of its host: what must not change meanwhile (the token that is served, its file, the
 * requests at the server), what must be told, and that afterwards the good secret is still the good one.
 */
export class Witness {
  readonly site: Installation;
  readonly daemon: Daemon;
  /** Text of the token that was served before the fault. */
  readonly token: string;
  readonly generation: number;
  /** Requests that the server had received before the fault. */
  readonly exchanges: number;

  private constructor(site: Installation, daemon: Daemon, status: AgentStatus, token: string) {
    this.site = site;
    this.daemon = daemon;
    this.token = token;
    this.generation = status.secret.generation;
    this.exchanges = site.exchanges;
  }

  /** Starts a daemon with a secret and waits until all is well. */
  static async begin(site: Installation, options: DaemonOptions = {}): Promise<Witness> {
    const daemon = site.run(options);
    await site.reaches({ state: 'unprovisioned' });
    const secret = site.emulator.createSecret(site.agent);
    const { exitCode, stderr } = await site.cli(['import', site.agent], { stdin: secret });
    expect(exitCode, stderr).toBe(0);
    return Witness.of(site, daemon);
  }

  /** Looks at a daemon that has a token, or is about to get one. */
  static async of(site: Installation, daemon: Daemon): Promise<Witness> {
    const status = await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    const token = await site.token();
    await site.tokenFileHolds(token);
    return new Witness(site, daemon, status, token);
  }

  /** Asks for a refresh whose answer takes a while, and resolves when its request is at the server. */
  async slowRefresh(): Promise<{ readonly ended: Promise<Ran> }> {
    const { site, exchanges } = this;
    site.emulator.addFault({ kind: 'latency', endpoint: 'exchange', latencyMs: slowMs });
    const ended = site.cli(['refresh', site.agent]);
    await eventually(() => expect(site.exchanges).toBe(exchanges + 1), { withinMs: 20_000 });
    return { ended };
  }

  /** A refresh that is asked for now is refused, and everybody is told why; the token is served, and nothing is sent. */
  async sees({ status, severity, ...told }: Seen): Promise<AgentStatus> {
    const { site, daemon } = this;
    expectTold(await site.cli(['refresh', site.agent]), told);
    const found = await site.reaches(status);
    expectAlert(found, { code: told.code, says: told.says, severity });
    await daemon.logged('alert-firing', { code: told.code, severity, agent: site.agent });
    await this.#counted(found.state);
    await this.serves();
    return found;
  }

  /** The token of before is served and in its file, the server takes it, and was asked for no other. */
  async serves(): Promise<void> {
    const { site } = this;
    // not toBe, which would print both
    expect((await site.token()) === this.token).toBe(true);
    expect((await site.readTokenFile()) === this.token).toBe(true);
    expect(site.exchanges).toBe(this.exchanges);
  }

  /** All is well again without anybody's help, within the longest pause between two tries of a failing store. */
  async heals(): Promise<void> {
    const { site } = this;
    const healed = { state: 'active', secret: { status: 'held', persisted: true }, alerts: [] };
    await site.reaches(healed, { withinMs: 32_000 });
    await this.daemon.logged('alert-resolved');
    await this.goesOn();
  }

  /** One more rotation: the secret that is kept is the one that the server waits for, and it never saw a spent one. */
  async goesOn(): Promise<void> {
    const { site } = this;
    const { exitCode, stderr } = await site.cli(['refresh', site.agent]);
    expect(exitCode, stderr).toBe(0);
    const { secret } = await site.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    expect(secret.generation).toBeGreaterThan(this.generation);
    const { exchanges, secrets } = site.emulator.state();
    expect(exchanges.refused).toBe(0);
    expect(secrets[site.agent]).toMatchObject({ status: 'ACTIVE', spentSecretUses: 0 });
    await site.tokenFileHolds(await site.token());
  }

  /** What a scraper would alert on. */
  async #counted(state: string): Promise<void> {
    const { site } = this;
    const wanted = `tokenward_agent_state{agent="${site.agent}",state="${state}"} 1`;
    await eventually(async () => expect((await site.ask('/metrics')).body).toContain(wanted));
  }
}
