/** The way of a request: read it, find its route, take a fault if one waits for it, commit, deliver. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonAnswer, type ApiAnswer, type ApiRequest, type ErrorWording, type Route } from './api.ts';
import type { ControlTarget } from './control-command.ts';
import { control, controlPrefix } from './control.ts';
import { disturb, type Delivery } from './delivery.ts';
import type { EmulatorClock } from './environment.ts';
import { momentOf, type Fault } from './faults.ts';
import { matchRoute, type RouteMatch } from './routes.ts';
import { vcfLogsWording } from './vcf-logs/error-body.ts';

export interface HandlerOptions extends ControlTarget {
  readonly clock: EmulatorClock;
  readonly log: (line: string) => void;
  readonly resetConnection: (request: IncomingMessage) => void;
  /** Ends waiting latencies when the emulator closes. */
  readonly signal: AbortSignal;
}

const maxControlBytes = 1024 * 1024;

/** Handles one request to its end. Rejects only when the connection broke or the emulator closed on the way. */
export async function handleRequest(
  options: HandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? '';
  const [path = ''] = (request.url ?? '').split('?');
  const delivery = path.startsWith(controlPrefix)
    ? whole(control(options, method, path, (await readBody(request, maxControlBytes)) ?? Buffer.alloc(0)))
    : await serveApi(options, request, method, path);
  options.log(`${method} ${path} ${describe(delivery)}`);
  if (delivery.kind === 'reset') options.resetConnection(request);
  else deliver(delivery, response);
}

async function serveApi(
  options: HandlerOptions,
  request: IncomingMessage,
  method: string,
  path: string,
): Promise<Delivery> {
  const emulation = options.emulation();
  const match = matchRoute(emulation.routes, method, path);
  const body = await readBody(request, match.kind === 'found' ? match.route.maxBodyBytes : 0);
  if (match.kind !== 'found') return whole(misdirected(match));
  const { route, parameters } = match;
  if (body === null) return whole(notServed(route.wording, 413, 'the request body is too large'));
  const commit = (): ApiAnswer => route.handle({ headers: singleHeaders(request), parameters, body });
  const fault = emulation.faults.take(route.endpoint);
  emulation.count(route.endpoint, fault !== null);
  return fault === null ? whole(commit()) : serveFaulted(options, route, fault, commit);
}

/** A latency before the commit delays the commit, too: it comes even if the client is gone by then. */
async function serveFaulted(
  options: HandlerOptions,
  route: Route,
  fault: Fault,
  commit: () => ApiAnswer,
): Promise<Delivery> {
  const moment = momentOf(fault);
  const committed = moment === 'after-commit' ? commit() : null;
  options.log(`fault ${fault.kind} ${moment}: ${committed?.note ?? 'nothing done'}`);
  if (fault.latencyMs !== undefined) await sleep(fault.latencyMs, undefined, { signal: options.signal });
  const answer = committed ?? (fault.kind === 'latency' ? commit() : jsonAnswer(200, {}));
  return disturb(fault, answer, route.wording, options.clock());
}

function deliver(delivery: Exclude<Delivery, { kind: 'reset' }>, response: ServerResponse): void {
  if (delivery.kind === 'hang') return;
  const { status, headers, body } = delivery.answer;
  const bytes = Buffer.from(body);
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? headers : { ...headers, 'content-length': bytes.length });
  if (delivery.kind === 'answer') response.end(bytes);
  else response.write(bytes.subarray(0, delivery.keepBytes), () => response.destroy());
}

/** The whole body, or null where it is larger than `maxBytes`; the rest of such a body is read and dropped. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size <= maxBytes ? Buffer.concat(chunks) : null;
}

function singleHeaders(request: IncomingMessage): ApiRequest['headers'] {
  const headers = Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.[0] ?? '']);
  return Object.fromEntries(headers) as Record<string, string>;
}

/** A path that no product has is refused by the server that the emulator began as. */
function misdirected(match: Exclude<RouteMatch, { kind: 'found' }>): ApiAnswer {
  if (match.kind === 'unknown-path') return notServed(vcfLogsWording, 404, 'there is no such resource');
  const answer = notServed(match.wording, 405, 'this resource has other methods');
  return { ...answer, headers: { ...answer.headers, allow: match.allow.join(', ') } };
}

function notServed(wording: ErrorWording, status: number, message: string): ApiAnswer {
  return jsonAnswer(status, wording.error(status, message), message);
}

function whole(answer: ApiAnswer): Delivery {
  return { kind: 'answer', answer };
}

function describe(delivery: Delivery): string {
  if (delivery.kind === 'reset' || delivery.kind === 'hang') return delivery.kind;
  const { status, note } = delivery.answer;
  const text = note === undefined ? String(status) : `${status} ${note}`;
  return delivery.kind === 'truncated' ? `${text} (truncated)` : text;
}
