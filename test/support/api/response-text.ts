import type { Exchange } from './exchange.ts';

/** What went over one connection, as exchanges. Both texts hold one character per byte. */
export function exchangesIn(asked: string, received: string): readonly Exchange[] {
  const requests = [...asked.matchAll(/^([A-Z]+) (\S+) HTTP\/1\.1\r$/gm)];
  const exchanges: Exchange[] = [];
  let rest = received;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd === -1) return exchanges;
    const [, method = 'GET', target = null] = requests[exchanges.length] ?? [];
    const { status, headers } = readHead(rest.slice(0, headEnd));
    const length = bodyLength(method, status, headers);
    const isChunked = headers['transfer-encoding'] === 'chunked';
    const sent = rest.slice(headEnd + 4, headEnd + 4 + length);
    const body = isChunked ? unchunked(sent) : sent;
    const whole = Number.isFinite(length) && body.length === length;
    exchanges.push({ method, target, status, headers, body: fromLatin1(body), whole });
    if (!whole) return exchanges;
    rest = rest.slice(headEnd + 4 + length);
  }
}

function readHead(head: string): Pick<Exchange, 'status' | 'headers'> {
  const [statusLine = '', ...lines] = head.split('\r\n');
  const fields = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(fields) };
}

/** Infinity where the body goes on until the connection ends. */
function bodyLength(method: string, status: number, headers: Exchange['headers']): number {
  if (method === 'HEAD' || status === 304) return 0;
  return Number(headers['content-length'] ?? Infinity);
}

/** The content of the chunks that have come whole (RFC 9112 §7.1). */
function unchunked(text: string): string {
  let content = '';
  let rest = text;
  for (;;) {
    const [line, digits = ''] = /^([0-9a-f]+)\r\n/i.exec(rest) ?? [];
    const size = Number.parseInt(digits, 16);
    if (line === undefined || size === 0 || rest.length < line.length + size + 2) return content;
    content += rest.slice(line.length, line.length + size);
    rest = rest.slice(line.length + size + 2);
  }
}

function fromLatin1(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
