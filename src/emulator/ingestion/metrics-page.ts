import type { EventReport } from './event-ledger.ts';

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

const counters = [
  ['emulator_events_accepted_total', 'Events in requests whose token was accepted.', 'accepted'],
  [
    'emulator_events_rejected_total',
    'Events in requests whose token was refused, or that had none.',
    'rejected',
  ],
  ['emulator_requests_rejected_total', 'Requests refused for their token.', 'rejectedRequests'],
] as const satisfies readonly (readonly [string, string, keyof EventReport])[];

/** The counters of the ingestion in the Prometheus text format 0.0.4. */
export function metricsPage(events: EventReport): string {
  const family = ([name, help, key]: (typeof counters)[number]): string =>
    `# HELP ${name} ${help}\n# TYPE ${name} counter\n${name} ${events[key]}\n`;
  const distinct = 'emulator_events_distinct';
  return `${counters.map(family).join('')}# HELP ${distinct} Different events among the accepted ones.\n# TYPE ${distinct} gauge\n${distinct} ${events.distinct}\n`;
}
