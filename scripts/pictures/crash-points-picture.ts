import type { CrashRow, Report } from '../../test/crash-points/enumerate.ts';
import { findings, type Finding } from '../../test/crash-points/finding.ts';
import { stageAt, stages, type Stage } from './crash-stages.ts';
import { box, line, svg, words } from './svg.ts';
import { legend, legendLine, style } from './theme.ts';

/** Each step of one rotation on the disk, and what the next start makes of a crash right after it. */

const width = 900;
const top = 104;
const rowHeight = 17;
const stepX = 196;
const killX = 560;
const powerX = 604;
const powerWidth = 200;

export function crashPointsPicture({ rows, killed, powerCuts }: Report): string {
  const bottom = top + rows.length * rowHeight;
  const shown = findings.filter((finding) => rows.some((row) => row.powerCuts.has(finding)));
  const height = bottom + 34 + shown.length * legendLine;
  return svg({
    width,
    height,
    title: 'A crash after each step of one rotation',
    description: `The ${rows.length} moments of a rotation with the file store at which a crash is told from the one before, and what the next start makes of the ${killed} states after a SIGKILL and the ${powerCuts} states after a power cut.`,
    style,
    body: [
      box([0.5, 0.5, width - 1, height - 1], 'paper', { rx: 6 }),
      words(20, 32, 'title', 'A crash after each step of one rotation'),
      words(
        20,
        52,
        'dim',
        `With the file store. ${killed} states after SIGKILL and ${powerCuts} after a power cut: every one was started from, and judged.`,
      ),
      words(stepX, top - 12, 'strong', 'after …'),
      words(killX + 8, top - 12, 'strong', 'SIGKILL', { 'text-anchor': 'middle' }),
      words(powerX, top - 12, 'strong', 'power cut'),
      words(powerX + powerWidth + 58, top - 12, 'small dim', 'states', { 'text-anchor': 'end' }),
      ...stageHeads(rows, bottom),
      ...rows.flatMap((row, index) => drawn(rows, row, index)),
      ...legend(56, bottom + 20, shown),
    ],
  });
}

function drawn(rows: readonly CrashRow[], row: CrashRow, index: number): readonly string[] {
  const y = top + index * rowHeight;
  const states = row.powerCuts.values().reduce((sum, count) => sum + count, 0);
  const says =
    row.step === null
      ? words(stepX, y + 12, 'strong small', eventAt(rows, index))
      : words(stepX, y + 12, 'code', shortened(row.step));
  return [
    says,
    box([killX, y + 1, 16, rowHeight - 2], row.killed),
    ...shares(row.powerCuts, states, [powerX, y + 1]),
    words(powerX + powerWidth + 58, y + 12, 'small dim', String(states), { 'text-anchor': 'end' }),
  ];
}

/** The states after a power cut, as shares of a bar. */
function shares(
  counts: ReadonlyMap<Finding, number>,
  states: number,
  [x, y]: readonly [number, number],
): readonly string[] {
  let at = x;
  return findings.flatMap((finding) => {
    const share = ((counts.get(finding) ?? 0) / states) * powerWidth;
    if (share === 0) return [];
    at += share;
    return [box([at - share, y, share, rowHeight - 2], finding)];
  });
}

/** What happened while the disk stood still. */
function eventAt(rows: readonly CrashRow[], index: number): string {
  const [before, after] = [rows[index - 1]?.moment, rows[index]?.moment];
  if (before === undefined || after === undefined) throw new Error('nothing comes before the beginning');
  return after.calls > before.calls ? 'the server commits and answers' : 'the token is published';
}

/** The brackets at the left: which part of the protocol is under way. */
function stageHeads(rows: readonly CrashRow[], bottom: number): readonly string[] {
  const at = rows.map((_row, index): Stage => stageAt(rows, index));
  const starts = at.flatMap((stage, index) => (stage === at[index - 1] ? [] : [index]));
  return starts.flatMap((index) => {
    const y = top + index * rowHeight;
    const { step, says } = stages[at[index] ?? 'before'];
    return [
      line([20, y, width - 20, y], 'rule'),
      words(20, y + 12, 'strong small', step),
      ...says.map((text, nth) => words(56, y + 12 + nth * 14, 'small', text)),
      ...(index === starts.at(-1) ? [line([20, bottom, width - 20, bottom], 'rule')] : []),
    ];
  });
}

/** Without the folders that all are in. */
function shortened(step: string): string {
  return step
    .replace('nothing yet', 'nothing: before the first step')
    .replaceAll('/var/lib/tokenward/agents/web-01/', '')
    .replace('/var/lib/tokenward/agents/web-01', 'the folder of the agent')
    .replaceAll('/srv/tokens/', '')
    .replace('/srv/tokens', 'the folder of the token file')
    .replace('sync-folder', 'fsync')
    .replace(/^sync/, 'fsync')
    .replace(/^rename (\S+) to /, 'rename to ');
}
