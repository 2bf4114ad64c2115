import type { EndCounts } from '../../domain/revocation.ts';
import { isDumb } from '../terminal-style.ts';

/** Columns of the bar itself. */
const barWidth = 30;

/** `[##########--------------------] 150 of 450, 3 failed`. */
export function progressText({ done, failed }: Pick<EndCounts, 'done' | 'failed'>, total: number): string {
  const known = done + failed;
  const filled = total === 0 ? 0 : Math.floor((known / total) * barWidth);
  const bar = `${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}`;
  return `[${bar}] ${known} of ${total}${failed === 0 ? '' : `, ${failed} failed`}`;
}

/** A line at the bottom of the terminal that is written over; nothing where standard error is none. */
export class ProgressLine {
  readonly isShown: boolean;

  constructor(env: NodeJS.ProcessEnv) {
    this.isShown = process.stderr.isTTY && !isDumb(env);
  }

  show(text: string): void {
    if (this.isShown) process.stderr.write(`\r\u001B[K${text}`);
  }

  clear(): void {
    this.show('');
  }
}
