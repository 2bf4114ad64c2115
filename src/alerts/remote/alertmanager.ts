import type { TlsSettings } from '../../platform/http/tls-files.ts';
import type { AlertNotice } from '../../ports/alert-channel.ts';
import { resendMs } from '../resend.ts';
import type { RemoteChannel, RemoteParts } from './parts.ts';
import { post } from './post.ts';
import { entryOf, headline, runbookOf, sentence } from './texts.ts';

/** After so long without a word of us it takes an alert for resolved: a daemon that is dead keeps none alive. */
const aliveMs = 4 * resendMs;

export interface AlertmanagerSettings {
  readonly kind: 'alertmanager';
  /** Without the path of the API. */
  readonly url: string;
  readonly tls: TlsSettings;
  readonly username: string | null;
  readonly passwordFile: string | null;
  readonly bearerTokenFile: string | null;
  readonly runbooks: string | null;
}

/**
 * Prometheus Alertmanager, API v2 (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml). It knows an alert by
 * its labels, the severity among them: one that becomes worse is resolved and fires anew.
 */
export function createAlertmanager(settings: AlertmanagerSettings, parts: RemoteParts): RemoteChannel {
  const send = async (notices: readonly AlertNotice[], signal: AbortSignal): Promise<void> => {
    const body = Buffer.from(JSON.stringify(notices.map((notice) => alertOf(notice, settings, parts))));
    const headers = await authorization(settings, parts);
    await post(parts, { url: `${settings.url}/api/v2/alerts`, tls: settings.tls, headers, body }, signal);
  };
  return {
    deliver: (notice, signal) => send([notice], signal),
    repeat: send,
  };
}

function alertOf(notice: AlertNotice, { runbooks }: AlertmanagerSettings, { host, nowMs }: RemoteParts) {
  const { agent, code, severity, since, endedAt, ordinal } = notice;
  const endsAt = endedAt ?? new Date(nowMs() + aliveMs).toISOString();
  return {
    labels: {
      alertname: code,
      job: 'tokenward',
      host,
      ...(agent !== null && { agent }),
      code,
      severity,
      ...(ordinal > 1 && { ordinal: String(ordinal) }),
    },
    annotations: {
      summary: headline(notice, host),
      description: sentence(notice),
      meaning: entryOf(notice)?.meaning ?? '',
      runbook_url: runbookOf(notice, runbooks),
    },
    // One that begins after its end is refused: beginnings are whole seconds, and wall clocks are set back.
    startsAt: Date.parse(since) > Date.parse(endsAt) ? endsAt : since,
    endsAt,
    generatorURL: runbooks === null ? originOf(host, agent) : runbookOf(notice, runbooks),
  };
}

/** Which daemon and agent it comes from, where there is no page to link to. */
function originOf(host: string, agent: string | null): string {
  return `tokenward://${encodeURIComponent(host)}/v1/agents${agent === null ? '' : `/${agent}`}`;
}

async function authorization(
  { username, passwordFile, bearerTokenFile }: AlertmanagerSettings,
  { readSecret }: RemoteParts,
): Promise<Record<string, string>> {
  if (bearerTokenFile !== null) {
    const token = await readSecret(bearerTokenFile, 'the bearer token file');
    return { authorization: `Bearer ${token.reveal()}` };
  }
  if (username === null || passwordFile === null) return {};
  const password = await readSecret(passwordFile, 'the password file');
  return { authorization: `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}` };
}
