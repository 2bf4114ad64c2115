import type { CrashRow, Report } from '../../test/crash-points/enumerate.ts';
import { findings, type Finding } from '../../test/crash-points/finding.ts';
import { box, element, line, svg, words } from './svg.ts';
import { legend, legendLine, style } from './theme.ts';

/** All scenarios of the crash points, one strip each, the moments of a scenario from left to right. */

const width = 900;
const top = 104;
const stripHeight = 36;
const groupHeight = 26;
const cellsX = 216;
const pitch = 7.75;
const cell = { width: 6.75, killHeight: 8, powerHeight: 16 } as const;

export function crashScenariosPicture(groups: Readonly<Record<string, readonly Report[]>>): string {
  const reports = Object.values(groups).flat();
  const states = sum(reports, ({ killed, powerCuts }) => killed + powerCuts);
  let y = top;
  const strips = Object.entries(groups).flatMap(([group, members]) => {
    const head = [line([20, y, width - 20, y], 'rule'), words(20, y + 17, 'strong', group)];
    y += groupHeight;
    const drawn = members.map((report) => {
      y += stripHeight;
      return element('g', { transform: `translate(0 ${y - stripHeight})` }, `\n${strip(report)}\n`);
    });
    return [...head, ...drawn];
  });
  const height = y + 30 + findings.length * legendLine;
  return svg({
    width,
    height,
    title: `${inGroups(states)} states after a crash, and what the next start makes of them`,
    description: `Each of ${reports.length} scenarios is cut after each step that changes the disk or the keychain. ${reports.map(told).join(' ')}`,
    style,
    body: [
      box([0.5, 0.5, width - 1, height - 1], 'paper', { rx: 6 }),
      words(
        20,
        32,
        'title',
        `${inGroups(states)} states after a crash, and what the next start makes of them`,
      ),
      words(20, 52, 'dim', 'A column is one moment of the scenario: above, the state after a SIGKILL at it;'),
      words(20, 69, 'dim', 'below it, the states after a power cut at it, by their shares.'),
      words(width - 20, top - 10, 'small dim', 'SIGKILL + power cut', { 'text-anchor': 'end' }),
      ...strips,
      ...legend(20, y + 18, findings),
    ],
  });
}

/** One scenario, at the origin. The tests of the crash points look for it in the file. */
export function strip({ scenario, rows, killed, powerCuts }: Report): string {
  return [
    words(20, 16, 'code', scenario),
    ...findings.flatMap((finding) => {
      const cells = rows.map((row, index) => column(row, index, finding)).join('');
      return cells === '' ? [] : [element('path', { class: finding, d: cells })];
    }),
    words(width - 20, 16, 'small dim', `${killed} + ${powerCuts}`, { 'text-anchor': 'end' }),
  ].join('\n');
}

/** Where the finding is in a column. */
function column({ killed, powerCuts }: CrashRow, index: number, finding: Finding): string {
  const x = cellsX + index * pitch;
  const share = (of: readonly Finding[]): number =>
    (sum(of, (each) => powerCuts.get(each) ?? 0) / sum([...powerCuts.values()], Number)) * cell.powerHeight;
  const [above, height] = [share(findings.slice(0, findings.indexOf(finding))), share([finding])];
  const kill = killed === finding ? rectangle(x, 0, cell.killHeight) : '';
  return height === 0 ? kill : kill + rectangle(x, cell.killHeight + 2 + above, height);
}

function rectangle(x: number, y: number, height: number): string {
  return `M${x} ${round(y)}h${cell.width}v${round(height)}h-${cell.width}z`;
}

function told({ scenario, killed, powerCuts }: Report): string {
  return `${scenario}: ${killed} after SIGKILL, ${powerCuts} after a power cut.`;
}

function inGroups(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ');
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
