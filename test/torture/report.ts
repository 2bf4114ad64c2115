import type { CampaignResult } from './campaign.ts';
import { stages, type Tally } from './tally.ts';

/** How a run of the torture is told: a table for people, JSON for programs. */

const columns: readonly (readonly [string, (tally: Readonly<Tally>) => number])[] = [
  ['rotations', (tally) => tally.rotations],
  ['kills', (tally) => tally.kills],
  ['in flight', (tally) => tally.inFlight],
  ['from disk', (tally) => tally.fromDisk],
  ['replayed', (tally) => tally.replayed],
  ['lost', (tally) => tally.lost],
  ['lock-outs', (tally) => tally.lockOuts],
  ['proven', (tally) => tally.proven],
  ['SECRET_REVOKED', (tally) => tally.revokedSeen],
];

export function asJson(results: readonly CampaignResult[]): string {
  return `${JSON.stringify(results, null, 2)}\n`;
}

export function asTable(results: readonly CampaignResult[]): string {
  const head = ['policy', ...columns.map(([name]) => name), 'seconds', 'broken'];
  const rows = results.map(({ policy, tally, seconds, broken }) => [
    policy,
    ...columns.map(([, value]) => value(tally).toLocaleString('en')),
    seconds.toFixed(0),
    String(broken.length),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  return `${[...lines, '', ...results.flatMap(lockOutText), ...results.flatMap(brokenText)].join('\n')}\n`;
}

/** One calm line for a campaign under way. */
export function progressText(
  policy: string,
  { rotations, kills, inFlight, lockOuts }: Readonly<Tally>,
): string {
  return `${policy}: ${rotations} rotations, ${kills} kills, ${inFlight} in flight, ${lockOuts} lock-outs`;
}

function lockOutText({ policy, tally }: CampaignResult): string[] {
  if (tally.lockOuts === 0) return [];
  const parts = stages.map((stage) => `${tally.stages[stage]} ${stage}`).join(', ');
  return [
    `${policy}: how far the answers of the lock-outs had come: ${parts}; ${tally.withoutKill} without a kill`,
  ];
}

function brokenText({ policy, broken }: CampaignResult): string[] {
  return broken.map((what) => `BROKEN under ${policy}: ${what}`);
}
