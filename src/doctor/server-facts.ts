import type { ErrorCode } from '../domain/errors.ts';

/** What was found out about a server, step by step; a step that fails is the last one. */
export interface ServerFacts {
  /** `logs.example.com:443`. */
  readonly server: string;
  /** As the configuration has it, without a slash at the end. */
  readonly url: string;
  readonly agents: readonly string[];
  /** Host and port of the proxy in between; null where there is none. */
  readonly proxy: string | null;
  /** null where the host is an address, or the proxy looks it up. */
  readonly name: Step<{ readonly host: string; readonly addresses: readonly string[] }> | null;
  /** null where there was no address to connect to. */
  readonly connection: Step<object> | null;
  /** null without a connection, and for a server of plain HTTP. */
  readonly tls: Step<{ readonly protocol: string }> | null;
  /** The server's own first, then its issuers, as far as it showed them or this host knows them. */
  readonly chain: readonly CertificateFacts[];
  /** null where no request could be sent. */
  readonly clock: ClockFacts | null;
}

export type Step<Found> = { readonly failure: Failure } | ({ readonly ms: number } & Found);

/** Why a step failed, in a sentence that ends with what to do. */
export interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface CertificateFacts {
  /** Common name, or all that stands in its place. */
  readonly subject: string;
  readonly issuer: string;
  readonly from: Date;
  readonly to: Date;
}

/** What the answer to one harmless request tells of the server's clock. */
export interface ClockFacts {
  /** By how many milliseconds the server's clock is ahead of ours; null where it sent no date that makes sense. */
  readonly aheadMs: number | null;
  /** Milliseconds from sending the request to the answer. */
  readonly roundTripMs: number;
  /** The status; or how there was none. */
  readonly answer: number | 'late' | 'cut off';
}
