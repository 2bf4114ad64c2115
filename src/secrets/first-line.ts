import type { Readable } from 'node:stream';

/** Calls `use` once, with the first line that arrives. What follows is read and dropped, so that the end is noticed. */
export function onFirstLine(stream: Readable, use: (line: string) => void): void {
  let received = '';
  let used = false;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (used) return;
    received += chunk;
    const end = received.indexOf('\n');
    if (end === -1) return;
    used = true;
    use(received.slice(0, end));
  });
}
