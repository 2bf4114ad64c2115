import { jsonAnswer } from '../api.ts';
import { withFields, wrong, type Commands } from '../control-command.ts';
import { text } from '../field-rules.ts';
import { readJson } from '../json.ts';
import { rotationPolicies, type RotationPolicy } from './rotation-policy.ts';

/**
 *     POST /_emulator/policy                  200, {"policy":"grace","graceMs":60000}; without graceMs the time stays
 *     POST /_emulator/vcf-logs/tokens/revoke  200 {"revoked": 1}, {"token":"…"} ends one access token at the server,
 *                                             {"name":"web-01"} all that this agent was given
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
};

function isRotationPolicy(value: unknown): value is RotationPolicy {
  return rotationPolicies.includes(value as RotationPolicy);
}
