import { jsonAnswer } from '../api.ts';
import { withFields, wrong, type Commands } from '../control-command.ts';
import { oneOf, required, text, texts, wholeNumber, yesOrNo, type FieldRule } from '../field-rules.ts';
import { credentialTypes, type CredentialType, type F5Credential } from './credential-store.ts';

interface CreationFields {
  readonly names?: readonly string[];
  readonly prefix?: string;
  readonly count?: number;
  readonly type?: CredentialType;
  readonly expiry?: string;
  readonly admin?: boolean;
}

const mostAtOnce = 10_000;
const mostMs = 365 * 86_400_000;

const time: FieldRule = {
  must: 'be a time such as 2027-01-31T00:00:00Z',
  fits: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

const times: FieldRule = {
  must: 'be a whole number from 0, or always',
  fits: (value) => value === 'always' || (Number.isSafeInteger(value) && (value as number) >= 0),
};

/**
 *     POST /_emulator/f5-xc/credentials  201 {"items": [{"name", "type", "expiry", "token"}]}, {"names":["web-03"]} or
 *                                        {"prefix":"svc-","count":450} (svc-1 to svc-450); also "type" (default API_TOKEN),
 *                                        "expiry" (a time, also a past one; default 90 days ahead), "admin" (default false)
 *     POST /_emulator/f5-xc/failures     200, {"names":["svc-1"],"times":2}: their revocation fails; "always", or 0 to end it
 *     POST /_emulator/f5-xc/removal      200, {"afterMs":60000}: from the mark to the real removal
 */
export const f5XcCommands: Commands = {
  'POST /_emulator/f5-xc/credentials': withFields<CreationFields>(
    {
      names: texts,
      prefix: text,
      count: wholeNumber(1, mostAtOnce),
      type: oneOf(...credentialTypes),
      expiry: time,
      admin: yesOrNo,
    },
    ({ f5Xc }, { names, prefix, count, expiry, ...options }) => {
      const numbered = Array.from({ length: count ?? 0 }, (_, index) => `${prefix}${index + 1}`);
      if (
        (names === undefined) === (prefix === undefined) ||
        (prefix === undefined) !== (count === undefined)
      )
        return wrong('give either names, or prefix and count');
      const life = expiry === undefined ? {} : { expiresAtMs: Date.parse(expiry) };
      const items = f5Xc.createCredentials(names ?? numbered, { ...options, ...life }).map(itemOf);
      return jsonAnswer(201, { items }, `created ${items.length} credentials`);
    },
  ),
  'POST /_emulator/f5-xc/failures': withFields<{ names: readonly string[]; times: number | 'always' }>(
    { names: required(texts), times: required(times) },
    ({ f5Xc }, fields) => {
      f5Xc.failRevocations(fields.names, fields.times);
      return jsonAnswer(200, { failing: f5Xc.failures.list() });
    },
  ),
  'POST /_emulator/f5-xc/removal': withFields<{ afterMs: number }>(
    { afterMs: required(wholeNumber(0, mostMs)) },
    ({ f5Xc }, { afterMs }) => {
      f5Xc.credentials.removalMs = afterMs;
      return jsonAnswer(200, { afterMs });
    },
  ),
};

function itemOf({ name, type, expiresAtMs, token }: F5Credential): unknown {
  return { name, type, expiry: new Date(expiresAtMs).toISOString(), token };
}
