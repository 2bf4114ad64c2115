import { jsonAnswer } from '../api.ts';
import { withFields, wrong, type Commands } from '../control-command.ts';
import { type FieldRule, required, text, wholeNumber } from '../field-rules.ts';
import { readJson } from '../json.ts';
import { rotationPolicies, type RotationPolicy } from './rotation-policy.ts';
import type { TokenLife } from './token-ledger.ts';

/** 180 days: no token lives longer (API page, "Create Agent Session"). */
const maxLifeMs = 15_552_000_000;

/**
 *     POST /_emulator/policy                  200, {"policy":"grace","graceMs":60000}; without graceMs the time stays
 *     POST /_emulator/vcf-logs/tokens/revoke  200 {"revoked": 1}, {"token":"…"} ends one access token at the server,
 *                                             {"name":"web-01"} all that this agent was given
 *     POST /_emulator/vcf-logs/tokens/life    200, {"name":"web-01","maxMs":20000,"supersededMs":1000}: how long the tokens
 *                                             of this agent live from now on; what is left out is as the API has it
 */
export const vcfLogsCommands: Commands = {
  'POST /_emulator/policy': (target, body) => {
    const { registry } = target.emulation().vcfLogs;
    const { policy, graceMs = registry.rule.graceMs } = (readJson(body) ?? {}) as {
      policy?: unknown;
      graceMs?: unknown;
    };
    if (!isRotationPolicy(policy)) return wrong(`policy must be one of ${rotationPolicies.join(', ')}`);
    if (typeof graceMs !== 'number' || !(graceMs >= 0))
      return wrong('graceMs must be a number of milliseconds from 0');
    registry.rule = { policy, graceMs };
    return jsonAnswer(200, registry.rule, `policy ${policy}`);
  },
  'POST /_emulator/vcf-logs/tokens/revoke': withFields<{ token?: string; name?: string }>(
    { token: text, name: text },
    ({ vcfLogs: { tokens } }, { token, name }) => {
      if ((token === undefined) === (name === undefined)) return wrong('give one of token and name');
      const one = token !== undefined && tokens.revoke(token) ? 1 : 0;
      const revoked = name === undefined ? one : tokens.revokeAllOf(name);
      return jsonAnswer(200, { revoked }, `revoked ${revoked} access tokens`);
    },
  ),
  'POST /_emulator/vcf-logs/tokens/life': withFields<TokenLife & { name: string }>(
    { name: required(text), maxMs: lifeMs(1), supersededMs: lifeMs(0) },
    ({ vcfLogs: { tokens } }, { name, ...life }) => {
      tokens.setLife(name, life);
      return jsonAnswer(200, { name, ...life }, `tokens of ${JSON.stringify(name)} have another life`);
    },
  ),
};

function lifeMs(least: number): FieldRule {
  return wholeNumber(least, maxLifeMs);
}

function isRotationPolicy(value: unknown): value is RotationPolicy {
  return rotationPolicies.includes(value as RotationPolicy);
}
