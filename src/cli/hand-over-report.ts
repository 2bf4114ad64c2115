import { type HandOverResult, verdictMs } from './hand-over.ts';
import { print, printJson } from './output.ts';
import { alertLines, grantText } from './status-text.ts';

/** Tells what became of a secret that was handed over. */
export function reportHandOver(agent: string, { granted, status }: HandOverResult, json: boolean): void {
  if (json) return printJson({ agent, stored: true, granted, status });
  if (status === null) {
    return print(`${agent}: stored; no daemon is running, so it is exchanged when \`tokenward run\` starts`);
  }
  if (granted) return print(`${agent}: granted, ${grantText(status)}`);
  const advice = `the daemon goes on trying, see \`tokenward status ${agent}\``;
  print(`${agent}: stored; not granted within ${verdictMs / 1000} s, ${advice}`, ...alertLines([status]));
}
