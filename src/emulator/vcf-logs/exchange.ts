/**
 * POST /api/v2/agent/secrets/exchange ("Create Agent Session"), in its two steps: what the server commits to, and how it says
 * so. Between the two lies the gap in which an answer is lost.
 */
import { jsonAnswer, type ApiAnswer } from '../api.ts';
import { errorAnswer, readJsonObject } from './error-body.ts';
import type { SecretRegistry, Verdict } from './secret-registry.ts';

/** Milliseconds: what the API page gives as the least, the most (180 days), and the value for 0 or none (30 minutes). */
const minTtlMs = 60_000;
const maxTtlMs = 15_552_000_000;
const defaultTtlMs = 1_800_000;

/** `invalid`: the request was not understood, so no secret was judged or spent. */
export type ExchangeDecision = Verdict | { readonly kind: 'invalid'; readonly answer: ApiAnswer };

/** Step one: after it the registry has rotated, or not. */
export function commitExchange(registry: SecretRegistry, body: Buffer): ExchangeDecision {
  const request = readJsonObject(body);
  if ('refusal' in request) return { kind: 'invalid', answer: request.refusal };
  const { secret, ttl } = request.fields;
  if (typeof secret !== 'string' || secret === '') return invalidField('secret is required');
  const ttlMs = readTtl(ttl);
  if (ttlMs === null) return invalidField(`ttl must be 0 or from ${minTtlMs} to ${maxTtlMs} ms`);
  return registry.commit(secret, ttlMs);
}

/** Step two: pure, so that a lost answer can be worded and thrown away. */
export function exchangeAnswer(decision: ExchangeDecision): ApiAnswer {
  switch (decision.kind) {
    case 'invalid':
      return decision.answer;
    case 'refused':
      // One answer for a wrong, a spent and a revoked secret: the API does not tell them apart.
      return errorAnswer(400, 'AGENT_ERROR', 'invalid secret provided', refusalNote(decision));
    case 'granted': {
      const { accessToken, name, newSecret, ttlMs, generation } = decision;
      const body = { access_token: accessToken, name, new_secret: newSecret, ttl: ttlMs };
      return jsonAnswer(
        200,
        body,
        `${JSON.stringify(name)} rotated to generation ${generation}, token for ${ttlMs} ms`,
      );
    }
  }
}

function readTtl(ttl: unknown): number | null {
  if (ttl === undefined || ttl === 0) return defaultTtlMs;
  const fits = Number.isInteger(ttl) && (ttl as number) >= minTtlMs && (ttl as number) <= maxTtlMs;
  return fits ? (ttl as number) : null;
}

function invalidField(message: string): ExchangeDecision {
  return { kind: 'invalid', answer: errorAnswer(400, 'FIELD_ERROR', message) };
}

function refusalNote(refusal: Extract<Verdict, { kind: 'refused' }>): string {
  return refusal.name === null
    ? 'refused an unknown secret'
    : `refused a ${refusal.reason} secret of ${JSON.stringify(refusal.name)}`;
}
