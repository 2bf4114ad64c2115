/**
 * The control plane, for tests in another process and for people with curl. It lives under `/_emulator/` on the same port,
 * asks for no credential (the emulator is a test tool) and is never disturbed by faults.
 *
 *     GET    /_emulator/state     200, counters and faults in force (`EmulatorState` in emulation.ts)
 *     POST   /_emulator/faults    201, adds one fault (`Fault` in faults.ts), for example
 *                                 {"kind":"reset","endpoint":"exchange","when":"after-commit"}
 *                                 {"kind":"status","status":503,"body":"html","count":"until-cleared"}
 *                                 {"kind":"rate-limited","retryAfterSeconds":30,"retryAfterForm":"date"}
 *     DELETE /_emulator/faults    204, clears all faults
 *     POST   /_emulator/policy    200, {"policy":"grace","graceMs":60000}; without graceMs the time stays
 *     POST   /_emulator/reset     204, forgets all secrets, tokens, counters and faults; the first policy is back
 *
 * A request that is wrong is answered 400 with {"error": "what is wrong"} and changes nothing.
 */
import { jsonAnswer, type ApiAnswer } from './api.ts';
import type { Emulation } from './emulation.ts';
import { parseFault } from './parse-fault.ts';
import { rotationPolicies, type RotationPolicy } from './vcf-logs/rotation-policy.ts';

export const controlPrefix = '/_emulator/';

export interface ControlTarget {
  readonly emulation: () => Emulation;
  readonly reset: () => void;
}

type Command = (target: ControlTarget, body: Buffer) => ApiAnswer;

const noContent: ApiAnswer = { status: 204, headers: {}, body: '' };

const commands: Readonly<Record<string, Command>> = {
  'GET /_emulator/state': (target) => jsonAnswer(200, target.emulation().state()),
  'POST /_emulator/faults': addFault,
  'DELETE /_emulator/faults': (target) => {
    target.emulation().faults.clear();
    return noContent;
  },
  'POST /_emulator/policy': setPolicy,
  'POST /_emulator/reset': (target) => {
    target.reset();
    return noContent;
  },
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

function setPolicy(target: ControlTarget, body: Buffer): ApiAnswer {
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
}

function isRotationPolicy(value: unknown): value is RotationPolicy {
  return rotationPolicies.includes(value as RotationPolicy);
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null; // not JSON: the check that follows says what was expected
  }
}

function wrong(error: string): ApiAnswer {
  return jsonAnswer(400, { error });
}
