import { jsonAnswer } from '../api.ts';
import { withFields, type Commands } from '../control-command.ts';
import { oneOf, required } from '../field-rules.ts';
import { rejections, type Rejection } from './ingestion.ts';

/**
 *     POST /_emulator/ingestion  200, {"rejectWith":403} refuses every token, the freshest too, until {"rejectWith":null}
 */
export const ingestionCommands: Commands = {
  'POST /_emulator/ingestion': withFields<{ rejectWith: Rejection | null }>(
    { rejectWith: required(oneOf(...rejections, null)) },
    ({ ingestion }, { rejectWith }) => {
      ingestion.rejectWith = rejectWith;
      return jsonAnswer(200, { rejectWith }, `ingestion refuses with ${rejectWith ?? 'nothing'}`);
    },
  ),
};
