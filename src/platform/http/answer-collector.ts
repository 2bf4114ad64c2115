import type { Dispatcher } from 'undici';
import type { HttpAnswer } from '../../domain/outcome.ts';

/** How a request can end; the first call counts. */
export interface Endings {
  /** There is a status. The body may be incomplete. */
  answered(answer: HttpAnswer): void;
  /** The request began to leave, and there is no status. */
  lost(error: Error): void;
  /** No byte of the request was written. */
  neverSent(error: Error): void;
}

/**
 * Turns undici's events of one request into its ending. undici calls `onRequestStart` in the same turn in which it writes
 * the first byte, and right before: a failure without that call has kept the request on this host.
 */
export function collectAnswer(maxBodyBytes: number, endings: Endings): Dispatcher.DispatchHandler {
  let started = false;
  let head: Pick<HttpAnswer, 'status' | 'headers'> | null = null;
  let size = 0;
  const chunks: Uint8Array[] = [];

  function answered(parts: Pick<HttpAnswer, 'status' | 'headers'>, complete: boolean): void {
    endings.answered({ kind: 'http', ...parts, body: new Uint8Array(Buffer.concat(chunks)), complete });
  }

  return {
    onRequestStart() {
      started = true;
    },
    onResponseStart(_controller, status, headers) {
      // Informational answers (1xx) only announce the real one.
      if (status >= 200) head = { status, headers: pickHeaders(headers) };
    },
    onResponseData(controller, chunk) {
      chunks.push(chunk.subarray(0, Math.max(0, maxBodyBytes - size)));
      size += chunk.length;
      if (size > maxBodyBytes) controller.abort(new Error('the answer is larger than what is read of it'));
    },
    onResponseEnd() {
      if (head !== null) answered(head, true);
    },
    onResponseError(_controller, error) {
      if (!started) endings.neverSent(error);
      else if (head === null) endings.lost(error);
      else answered(head, false);
    },
  };
}

/** The headers that an interpretation may need; of a header that came twice the first. */
function pickHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): HttpAnswer['headers'] {
  const picked: Partial<Record<keyof HttpAnswer['headers'], string>> = {};
  for (const name of ['content-type', 'retry-after', 'location', 'date'] as const) {
    const [value] = [headers[name]].flat();
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
