import type { Secret } from '../../domain/secret.ts';
import type { AlertNotice } from '../../ports/alert-channel.ts';
import { bodyOf, headline, idOf, sentence } from './texts.ts';

/**
 * An event of PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/events-api-v2-overview). The key by which it knows
 * the incident is the same whatever the severity: an alert that becomes worse changes its incident and opens no second one.
 */
export function pagerDutyBody(
  notice: AlertNotice,
  routingKey: Secret,
  host: string,
  runbooks: string | null,
) {
  const { agent, code, severity, since } = notice;
  const event = {
    routing_key: routingKey.reveal(),
    event_action: notice.status === 'firing' ? 'trigger' : 'resolve',
    dedup_key: `tokenward/${host}/${idOf(notice)}`.slice(0, longestKey),
  };
  if (notice.status === 'resolved') return event;
  const { meaning, steps, runbook_url: runbook, flapped } = bodyOf(notice, host, runbooks);
  return {
    ...event,
    payload: {
      summary: `${headline(notice, host)}: ${sentence(notice)}`.slice(0, longestSummary),
      source: host,
      severity,
      timestamp: since,
      component: agent ?? 'tokenward',
      group: 'tokenward',
      class: code,
      custom_details: { summary: notice.summary, meaning, steps, runbook_url: runbook, flapped },
    },
    client: 'tokenward',
    ...(runbooks !== null && { links: [{ href: runbook, text: 'runbook' }] }),
  };
}

/** PagerDuty's limits. */
const longestKey = 255;
const longestSummary = 1024;
