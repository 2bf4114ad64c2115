import type { Exchange } from './exchange.ts';
import { noteAnswer } from './witness.ts';

/** What curl tells of an answer beside its body, on standard error, so that its output stays what a user sees. */

const begin = '<<answer ';
const end = ' answer>>';

/** Further arguments of curl; it has `%{header_json}` since 7.83. */
export const reportArguments: readonly string[] = [
  '--write-out',
  `%{stderr}${begin}{"method":"%{method}","status":%{http_code},"headers":%{header_json}}${end}`,
];

interface Report {
  readonly method: string;
  readonly status: number;
  /** A header that comes more than once has more than one value. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

interface Outputs {
  readonly stdout: string;
  readonly stderr: string;
}

interface Taken {
  /** null where nothing came back. */
  readonly answer: Exchange | null;
  /** What curl itself wrote on standard error. */
  readonly rest: string;
}

/** Takes the report out of what curl wrote, and notes the answer. */
export function takeReport(outputs: Outputs, target: string): Taken {
  const taken = readReport(outputs, target);
  if (taken.answer !== null) noteAnswer(taken.answer);
  return taken;
}

function readReport({ stdout: body, stderr }: Outputs, target: string): Taken {
  const [from, to] = [stderr.indexOf(begin), stderr.indexOf(end)];
  if (from === -1 || to === -1) return { answer: null, rest: stderr };
  const report = stderr.slice(from + begin.length, to);
  const rest = stderr.slice(0, from) + stderr.slice(to + end.length);
  // 000: nothing came back
  if (report.includes('"status":000')) return { answer: null, rest };
  const { method, status, headers } = JSON.parse(report) as Report;
  const joined = Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values.join(', ')]),
  );
  return { answer: { method, target, status, headers: joined, body, whole: true }, rest };
}
