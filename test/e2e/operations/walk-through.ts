/** A page of the documentation as a script: its `sh` blocks in order, and what each is said to print. */

export interface Step {
  /** The heading it stands under. */
  readonly heading: string;
  readonly commands: string;
  /** Lines of the `text` block that follows, in which `…` stands for anything; none where there is no such block. */
  readonly told: readonly string[];
}

const fence = /^```(\w*)\n(.*?)^```$/gms;

export function stepsOf(page: string): readonly Step[] {
  const steps: Step[] = [];
  for (const match of page.matchAll(fence)) {
    const [, language, content = ''] = match;
    const heading =
      page
        .slice(0, match.index)
        .match(/^## (.*)$/gm)
        ?.at(-1)
        ?.slice(3) ?? '';
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ heading, commands: content, told: [] });
    else if (language === 'text' && last !== undefined)
      steps[steps.length - 1] = { ...last, told: content.split('\n').filter((line) => line.trim() !== '') };
  }
  return steps;
}

/** Says before each step which one it is, so that the output can be told apart; ends with the first command that fails. */
export function scriptOf(steps: readonly Step[]): string {
  const parts = steps.map(({ commands }, index) => `printf '\\n%s\\n' '${marker(index)}'\n${commands}`);
  return ['set -euo pipefail', ...parts, `printf '\\n%s\\n' '${marker(steps.length)}'`].join('\n');
}

/** What each step printed; shorter than the steps where one failed. */
export function outputsOf(output: string): readonly string[] {
  return output.split(/^@@ step \d+$/m).slice(1);
}

/** The lines that were to be printed, in this order, and were not. */
export function missingFrom(output: string, told: readonly string[]): readonly string[] {
  const lines = output.split('\n').map((line) => line.trimEnd());
  let from = 0;
  return told.filter((wanted) => {
    const pattern = asPattern(wanted);
    const at = lines.findIndex((line, index) => index >= from && pattern.test(line));
    if (at === -1) return true;
    from = at + 1;
    return false;
  });
}

function asPattern(line: string): RegExp {
  const pieces = line.trimEnd().split('…');
  return new RegExp(`^${pieces.map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
}

function marker(index: number): string {
  return `@@ step ${index}`;
}
