/**
 * The emulated Onezone: temporary tokens of a provider are made with its root token or a named one, and revoked all at once.
 * The secret never rotates. A token may come as `X-Auth-Token` or `Authorization: Bearer`.
 */
import { jsonAnswer, type ApiAnswer, type ApiRequest, type Route } from '../api.ts';
import { presentedBy } from '../credentials.ts';
import type { EmulatorClock, EmulatorRandom } from '../environment.ts';
import { forbidden, OnezoneWording } from './errors.ts';
import { ProviderTokens, type LastingKind, type LastingToken } from './provider-tokens.ts';
import { readTokenRequest } from './token-request.ts';

export interface OnezoneTokenOptions {
  /** Default `named`. */
  readonly kind?: LastingKind;
  /** Default `provider-1`. */
  readonly providerId?: string;
  /** Default true. */
  readonly privileged?: boolean;
}

export interface OnezoneReport {
  /** Lasting tokens by their name; of several the newest. */
  readonly tokens: Readonly<Record<string, Omit<LastingToken, 'name'>>>;
  readonly temporary: {
    readonly issued: number;
    readonly live: number;
    /** Ended by a revocation before their time. */
    readonly revoked: number;
  };
  /** Requests for a new token or for a revocation that were refused for the token they came with. */
  readonly refused: number;
  readonly errorsWrapped: boolean;
}

/** Whose request it is, or the answer to it instead. */
type Admission = { readonly token: LastingToken } | { readonly refusal: ApiAnswer };

export class Onezone {
  readonly tokens: ProviderTokens;
  readonly wording = new OnezoneWording();
  readonly routes: readonly Route[];
  readonly #clock: EmulatorClock;
  readonly #sums = { issued: 0, revoked: 0, refused: 0 };

  constructor(clock: EmulatorClock, random: EmulatorRandom) {
    this.#clock = clock;
    this.tokens = new ProviderTokens(clock, random);
    const provider = '/api/v3/onezone/provider';
    const temporary = `${provider}/tokens/temporary`;
    const issue = (request: ApiRequest): ApiAnswer => this.#issue(request);
    const revoke = (request: ApiRequest): ApiAnswer => this.#revokeAll(request);
    const read = (request: ApiRequest): ApiAnswer => this.#provider(request);
    const common = { maxBodyBytes: 64 * 1024, wording: this.wording };
    this.routes = [
      { ...common, endpoint: 'onezone-issue', method: 'POST', path: temporary, handle: issue },
      { ...common, endpoint: 'onezone-revoke-all', method: 'DELETE', path: temporary, handle: revoke },
      { ...common, endpoint: 'onezone-provider', method: 'GET', path: provider, handle: read },
    ];
  }

  /** The text of a new root or named token. Throws where one of that name is in use. */
  createToken(name: string, options: OnezoneTokenOptions = {}): string {
    const { kind = 'named', providerId = 'provider-1', privileged = true } = options;
    const text = this.tokens.create({ name, kind, providerId, privileged });
    if (text === null) throw new Error(`a Onezone token ${JSON.stringify(name)} already exists`);
    return text;
  }

  /** Throws where there is no token of that name. The temporary tokens made with it live on: they are the provider's. */
  revokeToken(name: string): void {
    this.#known(name).revoked = true;
  }

  /** Gives or takes the right to make and revoke temporary tokens. Throws where there is no token of that name. */
  setPrivileged(name: string, privileged: boolean): void {
    this.#known(name).privileged = privileged;
  }

  report(): OnezoneReport {
    const tokens = this.tokens.lasting().map(({ name, ...rest }) => [name, rest] as const);
    const { issued, revoked, refused } = this.#sums;
    return {
      tokens: Object.fromEntries(tokens),
      temporary: { issued, live: this.tokens.liveTemporary(), revoked },
      refused,
      errorsWrapped: this.wording.wrapped,
    };
  }

  #known(name: string): LastingToken {
    const token = this.tokens.find(name);
    if (token === null) throw new Error(`there is no Onezone token ${JSON.stringify(name)}`);
    return token;
  }

  #issue(request: ApiRequest): ApiAnswer {
    const admission = this.#admit(request);
    if ('refusal' in admission) return admission.refusal;
    const wish = readTokenRequest(request.body, this.#clock());
    if ('error' in wish) return this.wording.answer(wish.error);
    const token = this.tokens.issue(admission.token, wish.validUntil);
    this.#sums.issued += 1;
    const until = new Date(wish.validUntil * 1_000);
    const end = Number.isNaN(until.getTime()) ? 'the end of time' : until.toISOString();
    return jsonAnswer(201, { token }, `token for ${JSON.stringify(admission.token.name)} until ${end}`);
  }

  #revokeAll(request: ApiRequest): ApiAnswer {
    const admission = this.#admit(request);
    if ('refusal' in admission) return admission.refusal;
    const { providerId } = admission.token;
    const ended = this.tokens.revokeTemporary(providerId);
    this.#sums.revoked += ended;
    const note = `revoked ${ended} temporary tokens of ${JSON.stringify(providerId)}`;
    return { status: 204, headers: {}, body: '', note };
  }

  #provider(request: ApiRequest): ApiAnswer {
    const judged = this.tokens.judge(presentedBy(request.headers));
    if (judged.kind === 'refused') return this.wording.answer(judged.error);
    const { providerId } = judged.token;
    return jsonAnswer(200, { providerId, name: providerId });
  }

  /** Lets a lasting token with the privilege through. A temporary token is known, and may not make or revoke others. */
  #admit(request: ApiRequest): Admission {
    const judged = this.tokens.judge(presentedBy(request.headers));
    if (judged.kind === 'lasting' && judged.token.privileged) return { token: judged.token };
    this.#sums.refused += 1;
    return { refusal: this.wording.answer(judged.kind === 'refused' ? judged.error : forbidden) };
  }
}
