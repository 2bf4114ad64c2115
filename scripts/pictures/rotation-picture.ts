import type { CrashRow } from '../../test/crash-points/enumerate.ts';
import type { Finding } from '../../test/crash-points/finding.ts';
import { crashBand, type Placed } from './crash-band.ts';
import { rotationSteps, type Lane, type RotationStep } from './rotation-steps.ts';
import type { Call, Rotation } from './rotation-trace.ts';
import { box, element, line, svg, words } from './svg.ts';
import { style } from './theme.ts';

/** One rotation as a sequence of calls, beside what a crash at each moment leaves. */

const width = 900;
const top = 118;
const rowHeight = 40;
const daemonX = 428;

const lanes: Readonly<Record<Lane, readonly [x: number, name: string]>> = {
  server: [290, 'log server'],
  folder: [612, 'state folder'],
  store: [728, 'secret store'],
  shippers: [838, 'shippers'],
};

/** A step with its call and its place. */
interface Row {
  readonly step: RotationStep;
  readonly call: Call;
  /** Of its arrow. */
  readonly y: number;
  /** Of the arrow back. */
  readonly answerY: number;
}

export function rotationPicture(rotation: Rotation, crashes: readonly CrashRow[]): string {
  const rows = placed(rotation);
  const bottom = (rows.at(-1)?.answerY ?? top) + rowHeight / 2 + 4;
  const height = bottom + 40;
  return svg({
    width,
    height,
    title: 'One rotation, and what a crash leaves at each moment of it',
    description: [
      ...rows.map(
        ({ step }) => `${step.step}: tokenward to ${step.lane ?? 'itself'}: ${step.says}${said(step)}.`,
      ),
      'Beside it, from top to bottom, what the next start finds after a crash.',
    ].join(' '),
    style,
    body: [
      box([0.5, 0.5, width - 1, height - 1], 'paper', { rx: 6 }),
      words(20, 32, 'title', 'One rotation, and what a crash leaves at each moment of it'),
      words(
        20,
        52,
        'dim',
        'Recorded from the real engine with the file store. Each step is durable before the next one begins.',
      ),
      ...crashBand(placedCrashes(crashes, rows), bottom),
      ...atOnce(rows),
      ...heads(bottom),
      ...rows.flatMap(drawn),
      ...footnotes.map(([x, note]) => words(x, height - 16, 'dim small', note)),
    ],
  });
}

const footnotes = [
  [daemonX - 186, '1–10: the steps of docs/architecture.md'],
  [daemonX + 58, 'g: the generation of the secret'],
  [daemonX + 248, '■ file and folder are fsynced on return'],
] as const;

/** The engine has to make the calls that the steps have words for: a picture of anything else is not drawn. */
function placed({ calls, steps }: Rotation): readonly Row[] {
  const made = calls.map(({ name }) => name).join(', ');
  const told = rotationSteps.map(({ call }) => call).join(', ');
  if (made !== told)
    throw new Error(`scripts/pictures/rotation-steps.ts tells of ${told}; the engine makes ${made}`);
  let y = top;
  return inOrder(calls).map(({ step, call }) => {
    const isDurable = steps.slice(call.from, call.to).some((each) => each.startsWith('sync-folder'));
    if (step.durable && !isDurable) throw new Error(`${call.name} is no longer durable on return`);
    y += rowHeight;
    const answerY = y + (step.answer === undefined ? 0 : 1.4 * rowHeight);
    const row = { step, call, y, answerY };
    y = answerY;
    return row;
  });
}

/** Of calls that are under way at the same time, none is before the other: they go by the numbers of their steps. */
function inOrder(calls: readonly Call[]): readonly Pick<Row, 'step' | 'call'>[] {
  let group = 0;
  const grouped = rotationSteps.map((step, index) => {
    const call = calls[index] as Call;
    const before = calls[index - 1];
    if (before === undefined || !overlap(before, call)) group = index;
    return { step, call, group };
  });
  return grouped.toSorted((one, other) => one.group - other.group || one.step.step - other.step.step);
}

function overlap(one: Call, other: Call): boolean {
  return one.from < other.to && other.from < one.to;
}

/** Behind the calls that are under way at the same time. */
function atOnce(rows: readonly Row[]): readonly string[] {
  const together = rows.filter(({ call }) =>
    rows.some((other) => other.call !== call && overlap(call, other.call)),
  );
  const [first, last] = [together[0], together.at(-1)];
  if (first === undefined || last === undefined) return [];
  const y = first.y - 25;
  return [
    box([daemonX - 18, y, width - daemonX, last.y + 14 - y], 'head', { rx: 6 }),
    words(width - 30, last.y + 4, 'small dim', 'at the same time', { 'text-anchor': 'end' }),
  ];
}

function said({ answer }: RotationStep): string {
  return answer === undefined ? '' : `, which answers ${answer}`;
}

function heads(bottom: number): readonly string[] {
  const named = [[daemonX, 'tokenward'] as const, ...Object.values(lanes)];
  return named.flatMap(([x, name]) => [
    line([x, top, x, bottom], 'lane'),
    box([x - 50, top - 38, 100, 26], 'head', { rx: 4 }),
    words(x, top - 21, 'strong', name, { 'text-anchor': 'middle' }),
  ]);
}

function drawn({ step, y, answerY }: Row): readonly string[] {
  const { lane, says, answer, durable } = step;
  const number = [
    element('circle', { cx: daemonX, cy: y, r: 9, class: 'mark' }),
    words(daemonX, y + 4, 'on-mark', String(step.step), { 'text-anchor': 'middle' }),
  ];
  if (lane === null) return [...number, words(daemonX + 16, y + 4, 'halo', says)];
  const [x] = lanes[lane];
  return [
    ...arrow(daemonX, x, y, 'arrow'),
    ...(durable ? [box([x + 7, y - 4, 8, 8], 'mark')] : []),
    ...number,
    label(x, y, says),
    ...(answer === undefined ? [] : answered(x, [y, answerY], answer)),
  ];
}

function answered(x: number, [y, answerY]: readonly [number, number], answer: string): readonly string[] {
  const committedY = committed(y, answerY);
  return [
    element('circle', { cx: x, cy: committedY, r: 4, class: 'lost' }),
    words(x + 10, committedY + 4, 'small dim halo', 'commits: g is dead'),
    ...arrow(x, daemonX, answerY, 'back'),
    label(x, answerY, answer),
  ];
}

function label(x: number, y: number, says: string): string {
  return x < daemonX
    ? words((x + daemonX) / 2, y - 6, 'halo', says, { 'text-anchor': 'middle' })
    : words(daemonX + 16, y - 6, 'halo', says);
}

function arrow(from: number, to: number, y: number, kind: string): readonly string[] {
  const back = to < from ? 7 : -7;
  return [
    line([from, y, to + back / 2, y], kind),
    element('path', { d: `M${to} ${y} l${back} -4 v8 z`, class: 'tip' }),
  ];
}

/** Where the server commits. */
function committed(y: number, answerY: number): number {
  return y + 0.35 * (answerY - y);
}

/** Each crash at the height at which the rotation was. */
function placedCrashes(crashes: readonly CrashRow[], rows: readonly Row[]): readonly Placed[] {
  let stepsBefore = -1;
  let calls = crashes[0]?.moment.calls ?? 0;
  return crashes.map(({ step, moment, killed, powerCuts }) => {
    stepsBefore += step === null ? 0 : 1;
    const isAnswer = moment.calls > calls;
    calls = moment.calls;
    const y = isAnswer ? heightOf('connection.exchange', rows) : heightAfter(stepsBefore, rows);
    return { y, killed, powerCuts: new Set<Finding>(powerCuts.keys()) };
  });
}

function heightOf(name: string, rows: readonly Row[]): number {
  const row = rows.find(({ call }) => call.name === name);
  return row === undefined ? top : committed(row.y, row.answerY);
}

function heightAfter(stepsBefore: number, rows: readonly Row[]): number {
  const row = rows.find(({ call }) => call.from < stepsBefore && stepsBefore <= call.to);
  if (row === undefined) return stepsBefore === 0 ? top : (rows.at(-1)?.y ?? top);
  const { from, to } = row.call;
  return row.y - rowHeight / 2 + (rowHeight * (stepsBefore - from)) / (to - from);
}
