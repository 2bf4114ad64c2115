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
  'dead-token-stays-dead':
    'a token that is known dead is never served or published again, in this life or a later one',
  'proved-before-served':
    'where tokens can be revoked, nothing of an earlier life is served before it is proved or replaced',
  'no-burial-without-a-look':
    'one report alone takes no token away, and a refused secret that rotates never does',
  'served-to-its-end':
    'a published token is served until a newer one is there, to its last second, unless it was taken back',
  'rejection-pace':
    'tokens that are rejected right after one another are replaced after 1 minute, then 2, up to an hour',
  'file-sent-once': 'the same content of the secret file is never sent twice as a candidate',
  'death-is-told': 'while a token is dead and not replaced, TOKEN_REVOKED or SECRET_REVOKED stands',
  'revocation-leads-back':
    'after a revocation a token that the server honours is served in time, by itself or with a new secret',
  'outage-needs-no-person': 'never a fleet waiting for a person because of an outage alone',
  'leads-back-to-active': 'every state leads back to active while the server honours a secret that we hold',
  'fresh-secret-leads-back': 'a fresh secret, handed over, leads back to active',
  'no-failure-of-our-own': 'the engine itself never fails',
} as const satisfies Record<string, string>;

export type InvariantName = keyof typeof invariants;
