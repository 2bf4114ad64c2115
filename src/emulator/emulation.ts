/** Everything the emulator remembers, without HTTP. A reset throws it away and makes a new one. */
import type { Endpoint, Route } from './api.ts';
import { F5Xc, type F5XcReport } from './f5-xc/f5-xc.ts';
import { FaultBook, type PendingFault } from './faults.ts';
import { Ingestion, type IngestionReport } from './ingestion/ingestion.ts';
import { Onezone, type OnezoneReport } from './onezone/onezone.ts';
import { VcfLogs, type VcfLogsOptions, type VcfLogsReport } from './vcf-logs/vcf-logs.ts';

interface RequestCount {
  /** Requests that were received whole. */
  readonly total: number;
  /** Those of them that met a fault, whether or not the server committed. */
  readonly faulted: number;
}

/** What `GET /_emulator/state` answers. Names, counts and times; never the text of a secret or token. */
export interface EmulatorState extends VcfLogsReport, IngestionReport {
  readonly exchanges: VcfLogsReport['exchanges'] & RequestCount;
  readonly onezone: OnezoneReport;
  readonly f5Xc: F5XcReport;
  readonly requests: Readonly<Partial<Record<Endpoint, RequestCount>>>;
  readonly faults: readonly PendingFault[];
}

export class Emulation {
  readonly vcfLogs: VcfLogs;
  readonly onezone: Onezone;
  readonly f5Xc: F5Xc;
  readonly ingestion: Ingestion;
  readonly faults = new FaultBook();
  readonly routes: readonly Route[];
  readonly #requests = new Map<Endpoint, RequestCount>();

  constructor(options: VcfLogsOptions) {
    this.vcfLogs = new VcfLogs(options);
    this.onezone = new Onezone(options.clock, options.random);
    this.f5Xc = new F5Xc(options);
    this.ingestion = new Ingestion([this.vcfLogs.tokens, this.onezone.tokens, this.f5Xc.credentials]);
    const products = [this.vcfLogs, this.onezone, this.f5Xc, this.ingestion];
    this.routes = products.flatMap((product) => product.routes);
  }

  count(endpoint: Endpoint, faulted: boolean): void {
    const before = this.#requestsOf(endpoint);
    this.#requests.set(endpoint, { total: before.total + 1, faulted: before.faulted + (faulted ? 1 : 0) });
  }

  state(): EmulatorState {
    const report = this.vcfLogs.report();
    return {
      ...report,
      ...this.ingestion.report(),
      exchanges: { ...report.exchanges, ...this.#requestsOf('exchange') },
      onezone: this.onezone.report(),
      f5Xc: this.f5Xc.report(),
      requests: Object.fromEntries(this.#requests),
      faults: this.faults.list(),
    };
  }

  #requestsOf(endpoint: Endpoint): RequestCount {
    return this.#requests.get(endpoint) ?? { total: 0, faulted: 0 };
  }
}
