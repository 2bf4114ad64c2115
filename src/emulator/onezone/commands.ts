import { jsonAnswer } from '../api.ts';
import { withFields, type Commands } from '../control-command.ts';
import { oneOf, required, text, yesOrNo } from '../field-rules.ts';
import type { OnezoneTokenOptions } from './onezone.ts';

/**
 *     POST /_emulator/onezone/tokens             201 {"name", "token"}, {"name":"web-02"}; also "kind": "root" | "named" (default),
 *                                                "providerId" (default provider-1), "privileged" (default true)
 *     POST /_emulator/onezone/tokens/revoke      200, {"name":"web-02"} ends the root or named token itself
 *     POST /_emulator/onezone/tokens/privileges  200, {"name":"web-02","privileged":false}: known, and answered 403
 *     POST /_emulator/onezone/errors             200, {"wrapped":false}: errors without the "error" around them
 */
export const onezoneCommands: Commands = {
  'POST /_emulator/onezone/tokens': withFields<{ name: string } & OnezoneTokenOptions>(
    {
      name: required(text),
      kind: oneOf('root', 'named'),
      providerId: text,
      privileged: yesOrNo,
    },
    ({ onezone }, { name, ...options }) =>
      jsonAnswer(
        201,
        { name, token: onezone.createToken(name, options) },
        `created the Onezone token ${JSON.stringify(name)}`,
      ),
  ),
  'POST /_emulator/onezone/tokens/revoke': withFields<{ name: string }>(
    { name: required(text) },
    ({ onezone }, { name }) => {
      onezone.revokeToken(name);
      return jsonAnswer(200, { name, revoked: true }, `revoked the Onezone token ${JSON.stringify(name)}`);
    },
  ),
  'POST /_emulator/onezone/tokens/privileges': withFields<{ name: string; privileged: boolean }>(
    { name: required(text), privileged: required(yesOrNo) },
    ({ onezone }, { name, privileged }) => {
      onezone.setPrivileged(name, privileged);
      return jsonAnswer(200, { name, privileged });
    },
  ),
  'POST /_emulator/onezone/errors': withFields<{ wrapped: boolean }>(
    { wrapped: required(yesOrNo) },
    ({ onezone }, { wrapped }) => {
      onezone.wording.wrapped = wrapped;
      return jsonAnswer(200, { wrapped });
    },
  ),
};
