import { performance } from 'node:perf_hooks';
import { readDescriptors } from '../descriptors.ts';
import { gaugeOf, type MetricData, type MetricFamily, type Sample } from './metric-data.ts';

/**
 * The process as Prometheus names its parts for every program (https://prometheus.io/docs/instrumenting/writing_clientlibs,
 * "Process metrics"). Read at the scrape: prom-client's own collectors keep timers and observers running.
 */
export class ProcessMetrics implements MetricFamily {
  readonly #build: MetricData;

  constructor(version: string) {
    const labels = { version, node: process.version };
    this.#build = gaugeOf(
      'tokenward_build_info',
      'Always 1; the labels tell the version of tokenward and of Node.',
      [{ labels, value: 1 }],
    );
  }

  async read(): Promise<readonly MetricData[]> {
    const { open, limit } = await readDescriptors();
    const { user, system } = process.cpuUsage();
    return [
      {
        name: 'process_cpu_seconds_total',
        help: 'Time on the processor, in the program and in the kernel.',
        type: 'counter',
        aggregator: 'sum',
        values: plain((user + system) / 1e6),
      },
      gaugeOf('process_resident_memory_bytes', 'Memory in use.', plain(process.memoryUsage.rss())),
      gaugeOf('process_start_time_seconds', 'When the process began, as Unix time.', plain(startedAt)),
      gaugeOf('process_open_fds', 'File descriptors that are open.', open === null ? [] : plain(open)),
      gaugeOf(
        'process_max_fds',
        'File descriptors that may be open at most.',
        limit === null ? [] : plain(limit),
      ),
      this.#build,
    ];
  }
}

const startedAt = performance.timeOrigin / 1000;

function plain(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}
