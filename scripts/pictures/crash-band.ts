import type { Finding } from '../../test/crash-points/finding.ts';
import { box, words } from './svg.ts';

/** A strip from top to bottom that says what a crash leaves at each height. */

export interface Placed {
  readonly y: number;
  readonly killed: Finding;
  readonly powerCuts: ReadonlySet<Finding>;
}

const killX = 20;
const powerX = 36;
const barWidth = 12;

/** Short enough to stand beside the strip. */
const short: Readonly<Record<Finding, readonly string[]>> = {
  'as-before': ['nothing was spent:', 'the next start goes on as before'],
  candidate: ['the new secret is stored:', 'it is exchanged'],
  unsent: ['in doubt, nothing was sent:', 'the same secret is sent again'],
  lost: [
    'in doubt, the answer is gone:',
    'sent again where the server',
    'still honours the old secret,',
    'else reported as lost',
  ],
  answer: ['the answer is on disk:', 'finished from it'],
  secret: ['the secret is in the store:', 'token taken from the answer'],
  complete: ['secret and token are on disk:', 'the token is served at once'],
};

export function crashBand(crashes: readonly Placed[], bottom: number): readonly string[] {
  const first = crashes[0]?.y ?? bottom;
  return [
    words(killX, first - 26, 'strong', 'a crash here …'),
    words(killX, first - 10, 'small dim', 'kill | power cut'),
    ...slices(crashes, bottom, ({ killed }) => [killed]).map(
      ({ y, height, shown: [finding = 'as-before'] }) => box([killX, y, barWidth, height], finding),
    ),
    ...slices(crashes, bottom, ({ powerCuts }) => [...powerCuts]).flatMap(({ y, height, shown }) =>
      shown.map((finding, index) =>
        box([powerX + (index * barWidth) / shown.length, y, barWidth / shown.length, height], finding),
      ),
    ),
    ...slices(crashes, bottom, ({ killed }) => [killed]).flatMap(({ y, shown: [finding = 'as-before'] }) =>
      short[finding].map((text, index) =>
        words(powerX + barWidth + 10, y + 12 + index * 15, index === 0 ? 'strong small' : 'small', text),
      ),
    ),
  ];
}

interface Slice {
  readonly y: number;
  readonly height: number;
  readonly shown: readonly Finding[];
}

/** Neighbours that show the same are one. */
function slices(
  crashes: readonly Placed[],
  bottom: number,
  shownBy: (crash: Placed) => readonly Finding[],
): readonly Slice[] {
  const starts = crashes
    .map((crash) => ({ y: crash.y, shown: shownBy(crash) }))
    .filter(({ shown }, index, all) => String(shown) !== String(all[index - 1]?.shown));
  return starts.map(({ y, shown }, index) => ({ y, shown, height: (starts[index + 1]?.y ?? bottom) - y }));
}
