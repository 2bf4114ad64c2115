/**
 * The control plane, for tests in another process and for people with curl. It lives under `/_emulator/` on the same port,
 * asks for no credential (the emulator is a test tool) and is never disturbed by faults. The commands of each product are in
 * the `commands.ts` of its folder; all of them are in `docs/emulator.md`. Those of the emulator itself:
 *
 *     GET    /_emulator/state     200, counters and faults in force (`EmulatorState` in emulation.ts)
 *     POST   /_emulator/faults    201, adds one fault (`Fault` in faults.ts), for example
 *                                 {"kind":"reset","endpoint":"exchange","when":"after-commit"}
 *                                 {"kind":"status","status":503,"body":"html","count":"until-cleared"}
 *                                 {"kind":"rate-limited","retryAfterSeconds":30,"retryAfterForm":"date"}
 *     DELETE /_emulator/faults    204, clears all faults
 *     POST   /_emulator/reset     204, forgets all credentials, counters, settings and faults; the first policy is back
 *
 * A request that is wrong is answered 400 with {"error": "what is wrong"} and changes nothing.
 */
import { jsonAnswer, type ApiAnswer } from './api.ts';
import { noContent, wrong, type Commands, type ControlTarget } from './control-command.ts';
import { f5XcCommands } from './f5-xc/commands.ts';
import { ingestionCommands } from './ingestion/commands.ts';
import { readJson } from './json.ts';
import { onezoneCommands } from './onezone/commands.ts';
import { parseFault } from './parse-fault.ts';
import { vcfLogsCommands } from './vcf-logs/commands.ts';

export const controlPrefix = '/_emulator/';

const commands: Commands = {
  'GET /_emulator/state': (target) => jsonAnswer(200, target.emulation().state()),
  'POST /_emulator/faults': addFault,
  'DELETE /_emulator/faults': (target) => {
    target.emulation().faults.clear();
    return noContent;
  },
  'POST /_emulator/reset': (target) => {
    target.reset();
    return noContent;
  },
  ...vcfLogsCommands,
  ...ingestionCommands,
  ...onezoneCommands,
  ...f5XcCommands,
};

export function control(target: ControlTarget, method: string, path: string, body: Buffer): ApiAnswer {
  const name = `${method} ${path}`;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    return jsonAnswer(404, { error: `the control plane has ${Object.keys(commands).join(', ')}` });
  return command(target, body);
}

function addFault(target: ControlTarget, body: Buffer): ApiAnswer {
  const parsed = parseFault(readJson(body));
  if ('complaint' in parsed) return wrong(parsed.complaint);
  target.emulation().faults.add(parsed.fault);
  return jsonAnswer(201, parsed.fault, `fault ${parsed.fault.kind}`);
}
