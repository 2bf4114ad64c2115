/**
 * POST /api/v2/events and /api/v2/events/ingest/{agentId}, for the live credentials of every product; and GET /metrics, its
 * counters for the same credentials. A refusal has the `ErrorBody` of vcf-logs, whose endpoint the ingestion is.
 */
import { gunzipSync } from 'node:zlib';
import { jsonAnswer, type ApiAnswer, type ApiRequest, type Route } from '../api.ts';
import { presentedBy, type LiveTokens } from '../credentials.ts';
import { errorAnswer, vcfLogsWording } from '../vcf-logs/error-body.ts';
import { ClientLedger, type ClientReport } from './client-ledger.ts';
import { EventLedger, parseEvents, type EventReport } from './event-ledger.ts';
import { metricsContentType, metricsPage } from './metrics-page.ts';

/** Bytes of a request's body, before and after gunzip. */
const maxIngestBytes = 16 * 1024 * 1024;

/** The authentication failures that shippers have seen. */
export const rejections = [401, 403, 440] as const;
export type Rejection = (typeof rejections)[number];

export interface IngestionReport {
  readonly events: EventReport;
  /** By the name of the agent, token or credential that was shown. */
  readonly clients: Readonly<Record<string, ClientReport>>;
  readonly rejectWith: Rejection | null;
}

const tokenRequired = 'a valid token is required';

/** A live credential, and the name that it was issued to. */
interface Holder {
  readonly name: string;
  readonly credential: string;
}

export class Ingestion {
  /** While set, every token is refused with this status, the freshest too; as by a server that has taken the permission away. */
  rejectWith: Rejection | null = null;
  readonly routes: readonly Route[];
  readonly #products: readonly LiveTokens[];
  readonly #events = new EventLedger();
  readonly #clients = new ClientLedger();

  constructor(products: readonly LiveTokens[]) {
    this.#products = products;
    const path = '/api/v2/events';
    const handle = (request: ApiRequest): ApiAnswer => this.#ingest(request);
    const scrape = (request: ApiRequest): ApiAnswer => this.#scrape(request);
    const common = { method: 'POST', maxBodyBytes: maxIngestBytes, wording: vcfLogsWording, handle } as const;
    this.routes = [
      { ...common, endpoint: 'ingest', path },
      { ...common, endpoint: 'ingest', path: `${path}/ingest/{agentId}` },
      { ...common, endpoint: 'metrics', method: 'GET', path: '/metrics', maxBodyBytes: 0, handle: scrape },
    ];
  }

  report(): IngestionReport {
    return {
      events: this.#events.report(),
      clients: this.#clients.report(),
      rejectWith: this.rejectWith,
    };
  }

  #ingest(request: ApiRequest): ApiAnswer {
    const body = decodeBody(request);
    if (body === null) return errorAnswer(415, 'API_ERROR', 'the body is neither plain nor gzip');
    const events = parseEvents(body);
    const holder = this.#holder(request);
    if (holder === null) return this.#reject(events, 401, tokenRequired);
    if (this.rejectWith !== null)
      return this.#reject(events, this.rejectWith, 'the token does not permit ingestion');
    const distinct = this.#events.accept(events);
    this.#clients.delivered(holder.name, holder.credential, events.length, distinct);
    return jsonAnswer(
      200,
      { status: 'ok', ingested: events.length },
      `accepted ${events.length} events of ${JSON.stringify(holder.name)}`,
    );
  }

  #scrape(request: ApiRequest): ApiAnswer {
    const holder = this.#holder(request);
    if (holder === null) return errorAnswer(401, 'SECURITY_ERROR', tokenRequired);
    this.#clients.scraped(holder.name, holder.credential);
    const headers = { 'content-type': metricsContentType };
    return { status: 200, headers, body: metricsPage(this.#events.report()) };
  }

  #holder(request: ApiRequest): Holder | null {
    const presented = presentedBy(request.headers);
    if (presented === null) return null;
    for (const product of this.#products) {
      const name = product.holder(presented);
      if (name !== null) return { name, credential: presented.text };
    }
    return null;
  }

  #reject(events: readonly string[], status: Rejection, message: string): ApiAnswer {
    this.#events.reject(events);
    return errorAnswer(status, 'SECURITY_ERROR', message, `rejected ${events.length} events: ${message}`);
  }
}

function decodeBody(request: ApiRequest): string | null {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request.body.toString('utf8');
  if (encoding !== 'gzip') return null;
  try {
    return gunzipSync(request.body, { maxOutputLength: maxIngestBytes }).toString('utf8');
  } catch {
    return null; // damaged or too large once unpacked: answered 415
  }
}
