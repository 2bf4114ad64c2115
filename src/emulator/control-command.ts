/** What the commands of the control plane have in common: JSON in, JSON out, and 400 with a sentence for what is wrong. */
import { jsonAnswer, type ApiAnswer } from './api.ts';
import type { Emulation } from './emulation.ts';
import { firstComplaint, type FieldRule } from './field-rules.ts';
import { isObject, readJson } from './json.ts';

export interface ControlTarget {
  readonly emulation: () => Emulation;
  readonly reset: () => void;
}

type Command = (target: ControlTarget, body: Buffer) => ApiAnswer;

/** By method and path, as in `POST /_emulator/faults`. */
export type Commands = Readonly<Record<string, Command>>;

export const noContent: ApiAnswer = { status: 204, headers: {}, body: '' };

/**
 * A command whose body is a JSON object with the fields of `rules`. `run` gets them checked; an Error that it throws is
 * answered 400 with its text, so it must have changed nothing.
 */
export function withFields<Fields extends object>(
  rules: Readonly<Record<keyof Fields & string, FieldRule>>,
  run: (emulation: Emulation, fields: Fields) => ApiAnswer,
): Command {
  return ({ emulation }, body) => {
    const value = readJson(body);
    if (!isObject(value))
      return wrong(`the body must be a JSON object with ${Object.keys(rules).join(', ')}`);
    const complaint = firstComplaint(value, rules, 'this command');
    if (complaint !== null) return wrong(complaint);
    try {
      return run(emulation(), value as Fields);
    } catch (error) {
      return wrong((error as Error).message);
    }
  };
}

export function wrong(error: string): ApiAnswer {
  return jsonAnswer(400, { error });
}
