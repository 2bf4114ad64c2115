import { fingerprintOf } from '../../platform/fingerprint.ts';

/** What came with the live credentials of one name. */
export interface ClientReport {
  /** Events that were accepted. */
  readonly accepted: number;
  /** Those of them that nobody had delivered before. */
  readonly distinct: number;
  /** How often the page of counters was read. */
  readonly scrapes: number;
  /** Different credentials that were shown: a client that takes each new token shows as many as there were. */
  readonly tokens: number;
}

/** Tells apart who delivers, by the name that a credential was issued to, so that a test can say of each shipper that it followed the token. */
export class ClientLedger {
  readonly #clients = new Map<string, { accepted: number; distinct: number; scrapes: number }>();
  readonly #shown = new Map<string, Set<string>>();

  delivered(name: string, credential: string, accepted: number, distinct: number): void {
    const client = this.#client(name, credential);
    client.accepted += accepted;
    client.distinct += distinct;
  }

  scraped(name: string, credential: string): void {
    this.#client(name, credential).scrapes += 1;
  }

  report(): Readonly<Record<string, ClientReport>> {
    const entries = [...this.#clients].map(
      ([name, counts]) => [name, { ...counts, tokens: this.#shown.get(name)?.size ?? 0 }] as const,
    );
    return Object.fromEntries(entries);
  }

  #client(name: string, credential: string) {
    const client = this.#clients.get(name) ?? { accepted: 0, distinct: 0, scrapes: 0 };
    const shown = this.#shown.get(name) ?? new Set();
    this.#clients.set(name, client);
    this.#shown.set(name, shown.add(fingerprintOf(credential)));
    return client;
  }
}
