import type { Finding } from '../../test/crash-points/finding.ts';
import { box, words } from './svg.ts';

/** Colours and fonts of the diagrams, for light and for dark pages. */

/** Light, dark. Told apart by their brightness too, for those who do not see all colours. */
const colours: Readonly<Record<Finding, readonly [string, string]>> = {
  'as-before': ['#d5dbe1', '#3d444d'],
  candidate: ['#a475f9', '#8957e5'],
  unsent: ['#f0c33c', '#d29922'],
  lost: ['#cf222e', '#f85149'],
  answer: ['#9cd7ff', '#79c0ff'],
  secret: ['#3192e6', '#1f6feb'],
  complete: ['#2da44e', '#2ea043'],
};

/** What a finding means, in the fewest words that say it. */
const meanings: Readonly<Record<Finding, string>> = {
  'as-before': 'nothing was spent: as before',
  candidate: 'the secret that was handed over is stored: it is exchanged',
  unsent: 'in doubt, though nothing was granted: the same secret is sent again',
  lost: 'in doubt, the answer is gone: sent again where the server still honours the old secret, else reported as lost',
  answer: 'the answer is on disk: finished from it, without the server',
  secret: 'the new secret is in the store: its token is taken from the answer on disk',
  complete: 'secret and token are on disk: the token is served at once',
};

const sans = `ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif`;
const mono = `ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace`;

export const style = `
text { font: 12px ${sans}; fill: #1f2328 }
.title { font-size: 17px; font-weight: 600 }
.strong { font-weight: 600 }
.small { font-size: 11px }
.code { font: 11px ${mono} }
.dim { fill: #59636e }
.on-mark { fill: #fff; font-size: 11px; font-weight: 600 }
.halo { paint-order: stroke; stroke: #fff; stroke-width: 4px; stroke-linejoin: round }
.paper { fill: #fff; stroke: #d1d9e0 }
.head { fill: #f6f8fa; stroke: #d1d9e0 }
.rule { stroke: #d1d9e0 }
.lane { stroke: #d1d9e0; stroke-dasharray: 3 3 }
.arrow { stroke: #59636e; stroke-width: 1.3 }
.back { stroke: #59636e; stroke-width: 1.3; stroke-dasharray: 4 3 }
.tip { fill: #59636e }
.mark { fill: #59636e }
${coloured(0)}
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.dim { fill: #9198a1 }
.on-mark { fill: #0d1117 }
.halo { stroke: #0d1117 }
.paper { fill: #0d1117; stroke: #3d444d }
.head { fill: #151b23; stroke: #3d444d }
.rule, .lane { stroke: #3d444d }
.arrow, .back { stroke: #9198a1 }
.tip, .mark { fill: #9198a1 }
${coloured(1)}
}
`;

function coloured(scheme: 0 | 1): string {
  return Object.entries(colours)
    .map(([finding, each]) => `.${finding} { fill: ${each[scheme]} }`)
    .join('\n');
}

/** A square of the colour and its meaning, for each finding; one below the other. */
export function legend(x: number, y: number, shown: readonly Finding[]): readonly string[] {
  return shown.flatMap((finding, index) => [
    box([x, y + index * legendLine, 12, 12], finding, { rx: 2 }),
    words(x + 20, y + index * legendLine + 10, '', meanings[finding]),
  ]);
}

export const legendLine = 19;
