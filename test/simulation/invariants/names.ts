/** What must hold at every step, whatever happens. The text is what a violation is reported as. */
export const invariants = {
  'received-secrets-survive': 'no received secret is lost',
  'raw-before-parsed': 'an answer is on the disk before anyone looks into it',
  'exchange-inside-locks': 'no exchange without the locks',
  'exchange-only-if-writable': 'no exchange when the store cannot be written',
  'intent-stays-open': 'the intent is durable before the request, and open until what it brought is saved',
  'durable-before-published': 'no token is published before its secret is durable',
  'no-dead-token-served': 'no expired or rejected token is served',
  'bucket-not-exceeded': 'the bucket is never exceeded, over restarts too',
  'refusal-pace': 'at most one try per 5 minutes after a proven refusal',
  'no-credential-deleted': 'no credential is deleted because of an answer',
  'not-revoked-after-doubt': 'never SECRET_REVOKED after a doubt',
  'numbers-only-grow': 'no generation and no sequence goes back, and no two tokens share a sequence',
  'outage-needs-no-person': 'never a fleet waiting for a person because of an outage alone',
  'leads-back-to-active': 'every state leads back to active while the server honours a secret that we hold',
  'fresh-secret-leads-back': 'a fresh secret, handed over, leads back to active',
  'no-failure-of-our-own': 'the engine itself never fails',
} as const satisfies Record<string, string>;

export type InvariantName = keyof typeof invariants;
