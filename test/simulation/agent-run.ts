import type { SecretFileAdoption } from '../../src/daemon/secret-file-adoption.ts';
import type { Answer } from '../../src/domain/outcome.ts';
import type { AgentStatus } from '../../src/domain/status.ts';
import { Broker } from '../../src/engine/broker.ts';
import { unmetered } from '../../src/engine/unmetered.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { credential, fingerprintOf } from '../../src/platform/fingerprint.ts';
import type { Lock, Locks } from '../../src/ports/lock.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { SecretStore } from '../../src/ports/secret-store.ts';
import { secretStoreOpener } from '../../src/secrets/registry.ts';
import { SealedSecretStore } from '../../src/secrets/sealed-secret-store.ts';
import type { Route } from '../fakes/fake-server.ts';
import { noteOfToken, probeOf } from './probe-way.ts';
import { asIsLifeMs } from './product.ts';
import { secretFileOf } from './secret-file.ts';
import { short } from './trace.ts';
import type { DaemonView, Fields, Flight, RunView, SiteView } from './views.ts';

/** One agent in one process: the real engine, journal and store, with a witness at every port. */
export class AgentRun implements RunView {
  readonly site: SiteView;
  readonly daemon: DaemonView;
  readonly broker: Broker;
  flight: Flight | null = null;
  readonly #file: SecretFileAdoption;
  #status: AgentStatus | null = null;
  /** The world's steps at which the newest pre-flight began, and at which the locks were looked at last. */
  #preparedAt = 0;
  #verifiedAt = 0;
  #connected = false;

  constructor(site: SiteView, daemon: DaemonView) {
    this.site = site;
    this.daemon = daemon;
    const { life, random } = daemon;
    const { settings, place } = site;
    const { disk } = life;
    const journal =
      settings.store === 'memory'
        ? createMemoryJournal()
        : new FileJournal({ disk, random, folder: place.folder, agent: place.agent });
    this.broker = new Broker(settings, {
      clock: life.clock,
      random,
      log: this.#log(),
      locks: this.#locks(),
      lockPaths: site.lockPaths,
      store: this.#store(),
      journal,
      provider: this.#provider(),
      identity: async () => site.host.identity,
      credential,
      publish: (token) => {
        const { sequence, generation, fingerprint } = token;
        this.#status = null;
        this.note('publishes', { sequence, generation, token: short(fingerprint) });
        site.tell((observer) => observer.publishes?.(this, token));
      },
      withdraw: (sequence) => {
        this.#status = null;
        this.note('withdraws', { sequence });
        site.tell((observer) => observer.withdraws?.(this, sequence));
      },
      alerts: () => this.#stepped(),
      meter: unmetered,
    });
    this.#file = secretFileOf(this);
  }

  lookIntoFile(): void {
    void this.#file.look();
  }

  get alive(): boolean {
    return this.daemon.life.alive;
  }

  /** Whether this process, and no other, is at work on the agent. */
  get holds(): boolean {
    return this.alive && !this.broker.ended.aborted && this.status.state !== 'standby';
  }

  /** As it was after the engine's last step. */
  get status(): AgentStatus {
    this.#status ??= this.broker.status();
    return this.#status;
  }

  note(what: string, fields: Fields = {}): void {
    const { site, daemon } = this;
    site.host.world.trace.add(`${site.name}#${daemon.pid}`, what, fields);
  }

  #stepped(): void {
    this.#status = null;
    if (this.alive) this.site.tell((observer) => observer.stepped?.(this));
  }

  #store(): SecretStore {
    const { site, daemon } = this;
    const { random, life } = daemon;
    const { agent, folder, keyFile } = site.place;
    const { keychain } = site.host;
    if (keychain !== null) return new SealedSecretStore(agent, keychain.slots(agent, life), random);
    const { clock, disk } = life;
    const deps = { uid: 0, env: {}, keychainProgram: { execPath: '', script: '' }, disk, random, clock };
    const key = { kind: 'key-file', path: keyFile } as const;
    const config =
      site.settings.store === 'memory' ? ({ store: 'memory' } as const) : ({ store: 'file', key } as const);
    return secretStoreOpener(deps)(config, { agent, folder });
  }

  #locks(): Locks {
    const { host } = this.site;
    const locks = host.locks.process(this.daemon.pid);
    const watched = (lock: Lock, path: string): Lock => ({
      ...lock,
      stillInPlace: () => {
        if (path === this.site.lockPaths[0]) this.#verifies();
        return lock.stillInPlace();
      },
    });
    return {
      tryAcquire: async (path) => {
        const lock = await locks.tryAcquire(path);
        return lock.held ? watched(lock, path) : lock;
      },
    };
  }

  /** The locks are looked at when a pre-flight begins, when its connection stands, and right before it is used. */
  #verifies(): void {
    if (!this.alive) return;
    this.#verifiedAt = this.site.host.world.step();
    if (this.#connected) return;
    this.#preparedAt = this.#verifiedAt;
    this.site.tell((observer) => observer.prepares?.(this));
  }

  #provider(): Provider {
    const { host } = this.site;
    const provider = host.world.server.provider({ ...this.site.settings, route: this.#route() });
    return {
      ...provider,
      ...probeOf(this, provider),
      interpret: (answer) => {
        if (this.alive) this.site.tell((observer) => observer.interprets?.(this, answer));
        return provider.interpret(answer);
      },
      connect: async (signal) => {
        const connection = await provider.connect(signal);
        if ('kind' in connection) return connection;
        this.#connected = true;
        return {
          ...connection,
          exchange: async (secret, ttlMs, exchangeSignal) => {
            const flight = this.#sends(fingerprintOf(secret.reveal()));
            const answer = await connection.exchange(secret, ttlMs, exchangeSignal);
            this.#answered(flight, answer);
            return answer;
          },
          close: () => {
            this.#connected = false;
            return connection.close();
          },
        };
      },
    };
  }

  #route(): Route {
    const { host } = this.site;
    return {
      mishap: (at) => host.mishap(at),
      travel: () => host.travel(),
      clock: this.daemon.life.clock,
      decided: (decision) => {
        const { flight } = this;
        if (flight === null) return;
        flight.decision = decision.kind;
        if (decision.kind === 'granted') {
          const { rotates, exchange } = this.site.settings;
          flight.granted = {
            secret: rotates ? fingerprintOf(decision.newSecret) : flight.secret,
            token: exchange ? fingerprintOf(decision.accessToken) : flight.secret,
          };
          host.world.granted(this.site, flight, exchange ? decision.ttlMs : asIsLifeMs);
        }
        const given = flight.granted === null ? {} : { new: short(flight.granted.secret) };
        host.world.trace.add('server', decision.kind, {
          agent: this.site.name,
          secret: short(flight.secret),
          ...given,
        });
        this.site.tell((observer) => observer.decided?.(flight));
      },
    };
  }

  #sends(secret: Flight['secret']): Flight {
    const { world } = this.site.host;
    const sentAtMs = world.nowMs();
    const flight: Flight = {
      run: this,
      secret,
      sentAtMs,
      preparedAt: this.#preparedAt,
      verifiedAt: this.#verifiedAt,
      decision: null,
      granted: null,
      answer: null,
    };
    this.flight = flight;
    this.site.flights.push(flight);
    world.tally.exchanges += 1;
    this.note('sends', { secret: short(secret) });
    this.site.tell((observer) => observer.sends?.(flight));
    this.site.host.sent(this);
    return flight;
  }

  #answered(flight: Flight, answer: Answer): void {
    flight.answer = answer;
    const status = answer.kind === 'http' ? { status: answer.status, complete: answer.complete } : {};
    this.note('gets', {
      answer: answer.kind,
      ...status,
      reason: answer.kind === 'unanswered' ? answer.reason : undefined,
    });
    this.site.tell((observer) => observer.answered?.(flight));
  }

  /** Lines of the engine's log go into the trace; a failure of its own is one of ours. */
  #log(): Log {
    const say = (event: string, fields: Fields = {}) => {
      const { detail: _detail, error, ...rest } = fields;
      this.note(event, error instanceof Error ? { ...rest, error: error.message } : rest);
      noteOfToken(this, event);
      if (event === 'effect-failed') this.site.host.world.failed(this.site, event, fields);
    };
    const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
    return log;
  }
}
