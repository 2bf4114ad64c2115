import type { Answer } from '../../domain/outcome.ts';
import type { Credential, Fingerprint } from '../../domain/secret.ts';
import { credential } from '../../platform/fingerprint.ts';
import { looseTexts, type LooseText } from './loose-texts.ts';

/**
 * The new secret in a successful answer whose schema this version does not know: under another name, nested, wrapped, in a
 * list, or cut off after it. A guess, for a person to go on from; hence nothing is taken where there is a choice.
 */
export function salvage(answer: Answer, spent: Fingerprint): Credential | null {
  if (answer.kind !== 'http' || answer.status < 200 || answer.status >= 300) return null;
  const texts = looseTexts(new TextDecoder().decode(answer.body)).filter(({ text }) => plausible.test(text));
  for (const describes of descriptions) {
    const named = texts.filter(({ path }) => describes(path.map(plainName)));
    const found = distinct(named).filter(({ fingerprint }) => fingerprint !== spent);
    if (found.length > 0) return found.length === 1 ? (found[0] ?? null) : null;
  }
  return null;
}

/** Credentials are long, and of characters that a header or a form can carry. */
const plausible = /^[\x21-\x7e]{12,16384}$/;

type Describes = (path: readonly string[]) => boolean;

/** What the way to a new secret may look like, the surest first. */
const descriptions: readonly Describes[] = [
  (path) => isSecret(path) && path.some((name) => /new|next|rotated/.test(name)),
  isSecret,
  (path) => /^(new|next|rotated).*(credential|key|password)$/.test(path.at(-1) ?? ''),
];

/** Named so itself, or the value of something that is. */
function isSecret(path: readonly string[]): boolean {
  const name = path.at(-1) ?? '';
  if (name.includes('secret')) return !aboutSecret.test(name);
  return valueOf.test(name) && path.some((each) => each.includes('secret'));
}

/** What is told of a secret beside its text. */
const aboutSecret =
  /(id|name|type|kind|ttl|time|at|on|expiry|expires|status|state|version|url|uri|link|path|hint|hash|fingerprint|description)$/;
const valueOf = /^(value|text|data|content|plain|plaintext|current|new|next)$/;

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function distinct(texts: readonly LooseText[]): readonly Credential[] {
  return [...new Set(texts.map(({ text }) => text))].map(credential);
}
