/** Text that another program wrote, on its way to people. */

/** Line breaks stay; what else is not visible ASCII becomes a question mark. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7E\n]/g, '?');
}

/** Its first line, printable, at most so long; `: ` before it where there is one. */
export function firstLineOf(text: string, atMost: number): string {
  const line = printable(text.split('\n')[0] ?? '').slice(0, atMost);
  return line === '' ? '' : `: ${line}`;
}
