/**
 * The emulator's front door: a real HTTP or HTTPS server of the published APIs, for the demo, the tests, and users who try
 * their shipper offline. What tests steer over HTTP is described in control.ts; in-process they hold an {@link Emulator}.
 */
import { randomBytes } from 'node:crypto';
import { Emulation, type EmulatorState } from './emulation.ts';
import type { EmulatorClock, EmulatorRandom } from './environment.ts';
import type { F5Xc } from './f5-xc/f5-xc.ts';
import type { Fault } from './faults.ts';
import { HttpListener, type TlsIdentity } from './http-listener.ts';
import type { Rejection } from './ingestion/ingestion.ts';
import type { Onezone } from './onezone/onezone.ts';
import { parseFault } from './parse-fault.ts';
import { handleRequest, type HandlerOptions } from './request-handler.ts';
import type { RotationPolicy } from './vcf-logs/rotation-policy.ts';
import type { TokenLife } from './vcf-logs/token-ledger.ts';

export interface EmulatorOptions {
  /**
   * The credential for creating, listing and revoking secrets (`Authorization: Bearer …`) and F5 credentials
   * (`Authorization: APIToken …`).
   */
  readonly adminToken: string;
  /** Default `strict`. */
  readonly policy?: RotationPolicy;
  /** Milliseconds that a superseded secret works under the policy `grace`; default 60,000. */
  readonly graceMs?: number;
  /** Without it the emulator speaks plain HTTP. */
  readonly tls?: TlsIdentity;
  /** PEM of an authority: only clients with a certificate from it are let in. Needs `tls`. */
  readonly clientCa?: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: the system chooses. */
  readonly port?: number;
  readonly clock?: EmulatorClock;
  readonly random?: EmulatorRandom;
  /** Gets a line for each request; without credentials. */
  readonly log?: (line: string) => void;
}

export interface Emulator extends AsyncDisposable {
  /** `https://host:port`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  state(): EmulatorState;
  /** Throws an Error that says what is wrong with the fault. */
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** Without `graceMs` the time stays as it is. */
  setPolicy(policy: RotationPolicy, graceMs?: number): void;
  /** Creates an agent secret as an administrator would and returns its text. Throws where the name is taken. */
  createSecret(name: string): string;
  /** Throws where there is no secret of that name. */
  revoke(name: string): void;
  /** Whether an exchange of this secret would be granted now. Disturbs nothing. */
  honours(secret: string): boolean;
  /** Ends access tokens at the server: the one with this text, or all of an agent. Tells how many. */
  revokeTokens(which: { readonly token: string } | { readonly name: string }): number;
  /** How long access tokens of this agent live from now on. */
  setTokenLife(name: string, life: TokenLife): void;
  /** Refuses every token at ingestion with this status, the freshest too; null ends it. */
  rejectIngestion(status: Rejection | null): void;
  /** The Onezone of this moment: a reset makes a new one. */
  readonly onezone: Pick<Onezone, 'createToken' | 'revokeToken' | 'setPrivileged' | 'wording'>;
  /** The F5 Distributed Cloud of this moment: a reset makes a new one. */
  readonly f5Xc: Pick<F5Xc, 'createCredentials' | 'failRevocations' | 'credentials'>;
  /** Forgets all credentials, counters, settings and faults; the first policy is back. */
  reset(): void;
  /** The server goes away: it stops listening and cuts all connections, but forgets nothing. */
  pause(): Promise<void>;
  /** It comes back at the same port. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with Node's error where the address cannot be had (EADDRINUSE, EACCES and the like) or the certificate cannot be used. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const {
    adminToken,
    policy = 'strict',
    graceMs = 60_000,
    clock = Date.now,
    random = randomBytes,
    log = () => {},
  } = options;
  const fresh = (): Emulation => new Emulation({ adminToken, rule: { policy, graceMs }, clock, random });
  let emulation = fresh();
  const reset = (): void => void (emulation = fresh());
  const ending = new AbortController();
  const listener: HttpListener = new HttpListener({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    ...(options.tls && { tls: options.tls }),
    ...(options.clientCa !== undefined && { clientCa: options.clientCa }),
    log,
    handle: (request, response) => handleRequest(target, request, response),
  });
  const target: HandlerOptions = {
    emulation: () => emulation,
    reset,
    clock,
    log,
    resetConnection: (request) => listener.reset(request),
    signal: ending.signal,
  };
  await listener.open();
  const close = async (): Promise<void> => {
    ending.abort();
    await listener.close();
  };
  return {
    ...commandsOf(() => emulation),
    reset,
    get onezone() {
      return emulation.onezone;
    },
    get f5Xc() {
      return emulation.f5Xc;
    },
    url: listener.url,
    port: listener.port,
    pause: () => listener.close(),
    resume: () => listener.open(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The commands that concern what the emulator remembers, not its sockets. */
function commandsOf(emulation: () => Emulation) {
  const registry = () => emulation().vcfLogs.registry;
  return {
    state: () => emulation().state(),
    addFault: (fault: Fault) => {
      const parsed = parseFault(fault);
      if ('complaint' in parsed) throw new Error(parsed.complaint);
      emulation().faults.add(parsed.fault);
    },
    clearFaults: () => emulation().faults.clear(),
    setPolicy: (policy: RotationPolicy, graceMs = registry().rule.graceMs) => {
      registry().rule = { policy, graceMs };
    },
    createSecret: (name: string) => {
      const created = registry().create(name);
      if (created === null) throw new Error(`an agent secret ${JSON.stringify(name)} already exists`);
      return created.secret;
    },
    revoke: (name: string) => {
      if (registry().revoke(name) === null)
        throw new Error(`there is no agent secret ${JSON.stringify(name)}`);
    },
    honours: (secret: string) => registry().honours(secret),
    revokeTokens: (which: { readonly token: string } | { readonly name: string }) => {
      const { tokens } = emulation().vcfLogs;
      if ('name' in which) return tokens.revokeAllOf(which.name);
      return tokens.revoke(which.token) ? 1 : 0;
    },
    setTokenLife: (name: string, life: TokenLife) => emulation().vcfLogs.tokens.setLife(name, life),
    rejectIngestion: (status: Rejection | null) => {
      emulation().ingestion.rejectWith = status;
    },
  };
}
