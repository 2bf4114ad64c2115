/**
 * An answer as data: handlers return one, the server writes it. The body is a Latin-1 string that holds the answer's bytes,
 * and the headers are a flat array: that is the form that Node writes out fastest, head and body in one piece.
 */
export interface Reply {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** One character per byte. */
  readonly body: string;
}

/** An answer that goes on until one side ends it. It is the last on its connection. */
export interface StreamReply {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Called once, after the head was sent; not for HEAD. */
  readonly begin: () => void;
}

/** How a reply goes beside its body. */
interface ReplyOptions {
  readonly contentType: string;
  /** Further headers, names and values in turn. */
  readonly headers?: readonly string[];
}

export function bytesReply(status: number, text: string, options: ReplyOptions): Reply {
  const body = Buffer.from(text, 'utf8').toString('latin1');
  const headers = [
    'Content-Type',
    options.contentType,
    'Content-Length',
    String(body.length),
    ...(options.headers ?? []),
  ];
  return { status, headers, body };
}

/** Nothing of the local API may be kept by a cache: it is all about the moment. */
export const noStore: readonly string[] = ['Cache-Control', 'no-store'];

export function jsonReply(status: number, value: unknown, headers: readonly string[] = []): Reply {
  const contentType = 'application/json';
  return bytesReply(status, JSON.stringify(value), { contentType, headers: [...noStore, ...headers] });
}

export function textReply(status: number, text: string, headers: readonly string[] = []): Reply {
  return bytesReply(status, text, {
    contentType: 'text/plain; charset=utf-8',
    headers: [...noStore, ...headers],
  });
}
