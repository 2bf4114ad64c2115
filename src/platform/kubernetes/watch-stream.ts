import type { WatchEvent } from 'kubernetes-types/meta/v1.js';
import type { Dispatcher } from 'undici';
import type { Environment } from '../http/proxy.ts';
import { createServerConnector } from '../http/server-connector.ts';
import type { TlsSettings } from '../http/tls-files.ts';
import { clientOver } from '../http/undici-client.ts';
import type { KubernetesApi, SecretEvent, WatchEnd } from './api.ts';
import { refusalOf, silent } from './rest-answers.ts';

/** A watch as a stream of lines, each an event (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). */

/** After which the server ends the stream, seconds: a role that was taken away must not last for ever. */
const WATCH_SECONDS = 300;
/** Bookmarks come about every minute. A stream that has been silent for longer may be that of a server that is gone. */
const timeouts = { connectMs: 5_000, headersMs: 30_000, bodyMs: 90_000 };
/** A Secret of 1 MiB in base64, with all that may be around it. */
const MAX_LINE_BYTES = 3 * 1024 * 1024;
const MAX_ERROR_BYTES = 16 * 1024;

export interface WatcherOptions {
  readonly url: string;
  readonly tls: TlsSettings;
  readonly env: Environment;
  /** A sentence where there are none. */
  readonly headers: () => Promise<Record<string, string> | string>;
}

export function createWatcher({ url, tls, env, headers }: WatcherOptions): KubernetesApi['watchSecret'] {
  const server = createServerConnector({ url, tls, env, timeouts });
  return async ({ namespace, name }, from, told, signal) => {
    try {
      const known = await headers();
      if (typeof known === 'string') return silent(false, known);
      const connecting = AbortSignal.any([signal, AbortSignal.timeout(timeouts.connectMs)]);
      const client = await clientOver(await server.open(connecting), server.origin, timeouts);
      const giveUp = () => void client.destroy(new Error('given up'));
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        if (signal.aborted) return silent(false, 'given up');
        const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${encodeURIComponent(from)}&fieldSelector=metadata.name%3D${name}`;
        const path = `${server.basePath}/api/v1/namespaces/${namespace}/secrets?${query}`;
        return await new Promise<WatchEnd>((resolve) => {
          client.dispatch({ method: 'GET', path, headers: known, reset: true }, readEvents(told, resolve));
        });
      } finally {
        signal.removeEventListener('abort', giveUp);
        void client.destroy();
      }
    } catch (error) {
      return silent(false, error instanceof Error ? error.message : String(error));
    }
  };
}

function readEvents(
  told: (event: SecretEvent) => void,
  ended: (end: WatchEnd) => void,
): Dispatcher.DispatchHandler {
  let status = 0;
  let retryAfter: string | undefined;
  let pending = Buffer.alloc(0);
  return {
    onRequestStart() {},
    onResponseStart(_controller, code, headers) {
      status = code;
      retryAfter = [headers['retry-after']].flat()[0];
    },
    onResponseData(controller, chunk) {
      pending = Buffer.concat([pending, chunk]);
      if (status !== 200) {
        if (pending.length > MAX_ERROR_BYTES) controller.abort(new Error('its answer is too long'));
        return;
      }
      const lines = pending.subarray(0, pending.lastIndexOf(0x0a) + 1);
      pending = pending.subarray(lines.length);
      for (const line of lines.toString('utf8').split('\n')) {
        const end = line === '' ? null : tell(line, told);
        if (end === null) continue;
        ended(end);
        controller.abort(new Error('the watch has ended'));
        return;
      }
      if (pending.length > MAX_LINE_BYTES) controller.abort(new Error('an event is too long'));
    },
    onResponseEnd() {
      ended(status === 200 ? { kind: 'closed' } : endOf(status, retryAfter, pending));
    },
    onResponseError(_controller, error) {
      ended(silent(true, error.message));
    },
  };
}

function endOf(status: number, retryAfter: string | undefined, body: Uint8Array): WatchEnd {
  if (status === 410) return { kind: 'gone' };
  return refusalOf({ status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter }, body });
}

/** null where the stream goes on. */
function tell(line: string, told: (event: SecretEvent) => void): WatchEnd | null {
  const event = parsed(line);
  if (event === null) return silent(true, 'an event that is no JSON');
  const object = event.object as {
    readonly code?: number;
    readonly metadata?: { readonly resourceVersion?: string };
  };
  if (event.type === 'ERROR')
    return endOf(object.code ?? 500, undefined, Buffer.from(JSON.stringify(object)));
  const resourceVersion = object.metadata?.resourceVersion ?? '';
  if (event.type === 'BOOKMARK') told({ kind: 'bookmark', resourceVersion });
  else told({ kind: event.type === 'DELETED' ? 'deleted' : 'changed', resourceVersion });
  return null;
}

function parsed(line: string): WatchEvent | null {
  try {
    return JSON.parse(line) as WatchEvent;
  } catch {
    // something between us and the server cut into it
    return null;
  }
}
