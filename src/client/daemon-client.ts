import { TokenwardError } from '../domain/errors.ts';
import type { RecoveryReport, RecoveryRequest, RecoveryResult } from '../domain/recovery-report.ts';
import { type Fingerprint, Secret } from '../domain/secret.ts';
import type { AgentStatus } from '../domain/status.ts';
import type { AgentRecords } from '../ports/wrapping-keys.ts';
import { problemError } from './problem.ts';
import { sendOverSocket, type SocketAnswer, type SocketRequest } from './socket-request.ts';

/** A token as the daemon serves it. */
export interface ServedToken {
  readonly token: Secret;
  /** The rest of the answer of `GET /v1/agents/{agent}/token` (DESIGN §7). */
  readonly details: {
    readonly token_type: string;
    /** Whole seconds. */
    readonly expires_in: number;
    /** ISO 8601, UTC. */
    readonly expires_at: string;
    readonly agent: string;
    readonly sequence: number;
  };
}

export interface HandOverAnswer {
  /** Whether the server granted within the wait; else the secret is stored and will be tried. */
  readonly granted: boolean;
  readonly status: AgentStatus;
}

/** What a recovery found and did, and the agent's status after it. */
export interface RecoveryAnswer extends RecoveryResult {
  readonly status: AgentStatus;
}

/** The agents whose key was replaced; `agents` has those whose records were, or would be, sealed anew. */
export interface RekeyAnswer {
  readonly agent: string;
  readonly rekeyed: readonly string[];
  readonly agents: readonly AgentRecords[];
  readonly status: AgentStatus;
}

/** What the daemon makes of a token that is known to be revoked. */
export interface RejectionAnswer {
  readonly agent: string;
  /** Of the newest token. */
  readonly sequence: number;
}

/** Milliseconds for what the daemon answers out of its memory. */
const promptMs = 10_000;
/** Milliseconds for an exchange: one that is under way already, its own deadline, and saving the answer. */
const exchangeMs = 120_000;
/** Milliseconds for a replacement of the key: the exchanges of all who share it end first, and then their disks are at work. */
const rekeyMs = 600_000;

/**
 * The local API of the daemon (DESIGN §7) as the command line uses it. Every call rejects `DAEMON_NOT_RUNNING` where it does
 * not answer, `PEER_DENIED` where this user may not ask, and else with the error that the daemon answered.
 */
export class DaemonClient {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  async status(agent: string): Promise<AgentStatus> {
    return this.#ask<AgentStatus>('agent', get(`/v1/agents/${agent}`));
  }

  /** All agents whose status this user may see, in the order of the configuration. */
  async statuses(): Promise<readonly AgentStatus[]> {
    const { agents } = await this.#ask<StatusList>('agents', get('/v1/agents'));
    return agents;
  }

  async token(agent: string): Promise<ServedToken> {
    const answer = await this.#ask<TokenAnswer>('access_token', get(`/v1/agents/${agent}/token`));
    const { access_token: text, ...details } = answer;
    return { token: new Secret(text), details };
  }

  /** Exchanges now; resolves to the status after the server granted. */
  async refresh(agent: string): Promise<AgentStatus> {
    const path = `/v1/agents/${agent}/refresh`;
    return this.#ask<AgentStatus>('agent', { method: 'POST', path, body: null, timeoutMs: exchangeMs });
  }

  /** Hands over a new secret and waits `waitMs` milliseconds for the server's verdict. Rejects `HANDOVER_REFUSED`. */
  async handOver(agent: string, secret: Secret, waitMs: number): Promise<HandOverAnswer> {
    const answer = await this.#send({
      method: 'PUT',
      path: `/v1/agents/${agent}/secret?wait=${waitMs}ms`,
      body: secret.reveal(),
      timeoutMs: exchangeMs + waitMs,
    });
    return { granted: answer.status === 200, status: this.#parse<AgentStatus>('agent', answer) };
  }

  /** What is known where a person must decide, after the action that was asked for. Rejects `RECOVERY_NOT_POSSIBLE`. */
  async recover(agent: string, { action, matter, dryRun }: RecoveryRequest): Promise<RecoveryAnswer> {
    const path = `/v1/agents/${agent}/recover`;
    const body = JSON.stringify({ action, matter, dry_run: dryRun });
    const { done, set_aside, status, ...report } = await this.#ask<RecoveryBody>('actions', {
      method: 'POST',
      path,
      body,
      timeoutMs: exchangeMs,
    });
    return { report, done, setAside: set_aside, status };
  }

  /** Says that the server has revoked the token with this fingerprint; the daemon then has another one made. */
  async tokenRevoked(agent: string, fingerprint: Fingerprint): Promise<RejectionAnswer> {
    return this.#ask<RejectionAnswer>('sequence', {
      method: 'POST',
      path: `/v1/agents/${agent}/token/rejections`,
      body: JSON.stringify({ fingerprint, status: 401, revoked: true }),
      contentType: 'application/json',
      timeoutMs: promptMs,
    });
  }

  /** Replaces the agent's wrapping key; with `dryRun` it only tells what would be sealed anew. */
  async rekey(agent: string, dryRun: boolean): Promise<RekeyAnswer> {
    return this.#ask<RekeyAnswer>('rekeyed', {
      method: 'POST',
      path: `/v1/agents/${agent}/rekey`,
      body: JSON.stringify({ dry_run: dryRun }),
      timeoutMs: rekeyMs,
    });
  }

  /** Rejects where a hand-over to this agent would not be taken, as far as that can be told without one. Changes nothing. */
  async proveHandOver(agent: string): Promise<void> {
    try {
      await this.#send({ method: 'PUT', path: `/v1/agents/${agent}/secret`, body: '', timeoutMs: promptMs });
    } catch (error) {
      // who gets so far that the emptiness is noticed may hand over
      if (error instanceof TokenwardError && error.code === 'SECRET_INPUT_INVALID') return;
      throw error;
    }
  }

  async #ask<Answer extends object>(key: keyof Answer, wanted: SocketRequest): Promise<Answer> {
    return this.#parse<Answer>(key, await this.#send(wanted));
  }

  async #send(wanted: SocketRequest): Promise<SocketAnswer> {
    const answer = await sendOverSocket(this.socketPath, wanted);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw problemError(answer.status, answer.body);
  }

  /** Something else may listen where the configuration says: the answer must at least have the `key` that it is about. */
  #parse<Answer extends object>(key: keyof Answer, { body }: SocketAnswer): Answer {
    const value = parseJson(body);
    if (typeof value === 'object' && value !== null && key in value) return value as Answer;
    throw new TokenwardError(
      'DAEMON_NOT_RUNNING',
      `what answers at ${this.socketPath} is not a tokenward daemon; see to the path of the listener`,
    );
  }
}

type RecoveryBody = RecoveryReport & {
  readonly done: RecoveryResult['done'];
  readonly set_aside: string | null;
  readonly status: AgentStatus;
};

interface StatusList {
  readonly agents: readonly AgentStatus[];
}

type TokenAnswer = ServedToken['details'] & { readonly access_token: string };

function get(path: string): SocketRequest {
  return { method: 'GET', path, body: null, timeoutMs: promptMs };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // as good as an answer without the key
  }
}
