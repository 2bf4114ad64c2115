/**
 * Nothing is published about what the server does with a secret after its rotation. These are the behaviours seen in the
 * field; a client has to survive every one of them.
 */

export const rotationPolicies = [
  'strict',
  'grace',
  'until-first-use',
  'reusable',
  'reuse-revokes-family',
] as const;

/**
 * - `strict`: the old secret is dead at commit.
 * - `grace`: it works for a fixed time after its rotation.
 * - `until-first-use`: it works until a newer secret of its family is first exchanged.
 * - `reusable`: every secret of the family keeps working, and each exchange still hands out a new one.
 * - `reuse-revokes-family`: as strict, but presenting a spent secret revokes the whole family, the newest secret included
 *   (RFC 9700 §4.14.2).
 */
export type RotationPolicy = (typeof rotationPolicies)[number];

/** A policy with its measure. */
export interface RotationRule {
  readonly policy: RotationPolicy;
  /** Milliseconds that a superseded secret goes on working; counts for `grace` only. */
  readonly graceMs: number;
}

/** What a policy looks at in a secret that is presented. Times are milliseconds of the emulator's clock. */
interface SecretHistory {
  /** When the next secret of the family was made; null for the newest one. */
  readonly supersededAtMs: number | null;
  /** Whether a newer secret of the family has been exchanged. */
  readonly newerOneUsed: boolean;
}

export type Judgement = 'honour' | 'refuse' | 'refuse-and-revoke-family';

/** Judges a known secret whose family is not revoked. */
export function judge(rule: RotationRule, history: SecretHistory, nowMs: number): Judgement {
  const { supersededAtMs } = history;
  if (supersededAtMs === null) return 'honour';
  switch (rule.policy) {
    case 'strict':
      return 'refuse';
    case 'grace':
      return nowMs - supersededAtMs < rule.graceMs ? 'honour' : 'refuse';
    case 'until-first-use':
      return history.newerOneUsed ? 'refuse' : 'honour';
    case 'reusable':
      return 'honour';
    case 'reuse-revokes-family':
      return 'refuse-and-revoke-family';
  }
}
