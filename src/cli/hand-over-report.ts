import { grantText } from './grant-text.ts';
import { type HandOverResult, verdictMs } from './hand-over.ts';
import { print, printJson } from './output.ts';
import type { Program } from './program.ts';
import { alertLines } from './status/alert-lines.ts';
import { viewOfOutput } from './status/words.ts';

/** Tells what became of a secret that was handed over. */
export function reportHandOver(
  agent: string,
  { granted, status }: HandOverResult,
  json: boolean,
  { env }: Program,
): void {
  if (json) return printJson({ agent, stored: true, granted, status });
  if (status === null) {
    return print(`${agent}: stored; no daemon is running, so it is exchanged when \`tokenward run\` starts`);
  }
  if (granted) return print(`${agent}: granted, ${grantText(status)}`);
  const advice = `the daemon goes on trying, see \`tokenward status ${agent}\``;
  print(
    `${agent}: stored; not granted within ${verdictMs / 1000} s, ${advice}`,
    ...alertLines([status], viewOfOutput(env)),
  );
}
