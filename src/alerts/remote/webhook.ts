import { createHmac } from 'node:crypto';
import type { Secret } from '../../domain/secret.ts';
import type { TlsSettings } from '../../platform/http/tls-files.ts';
import type { AlertNotice } from '../../ports/alert-channel.ts';
import { pagerDutyBody } from './pagerduty.ts';
import type { RemoteChannel, RemoteParts } from './parts.ts';
import { post } from './post.ts';
import { slackBody } from './slack.ts';
import { bodyOf } from './texts.ts';

export interface WebhookSettings {
  readonly kind: 'webhook';
  /** One of the two is there. */
  readonly url: string | null;
  readonly urlFile: string | null;
  readonly format: 'json' | 'slack' | 'pagerduty';
  readonly hmacKeyFile: string | null;
  readonly routingKeyFile: string | null;
  readonly tls: TlsSettings;
  readonly runbooks: string | null;
}

/** Posts each notice; files are read for each, so that a new key or address is used at once. */
export function createWebhook(settings: WebhookSettings, parts: RemoteParts): RemoteChannel {
  return {
    async deliver(notice, signal) {
      // its severity changes, and the next notice says so
      if (notice.superseded) return;
      const url = settings.url ?? (await addressIn(settings.urlFile ?? '', parts));
      const body = Buffer.from(JSON.stringify(await bodyFor(notice, settings, parts)));
      const headers = await signature(settings, body, parts);
      await post(parts, { url, tls: settings.tls, headers, body }, signal);
    },
  };
}

async function addressIn(path: string, { readSecret, failure }: RemoteParts): Promise<string> {
  const url = (await readSecret(path, 'the url file')).reveal();
  if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url))
    throw failure('KEY_FILE_UNUSABLE', `the url file ${path} holds no URL that begins with https://`);
  return url;
}

async function bodyFor(
  notice: AlertNotice,
  { format, routingKeyFile, runbooks }: WebhookSettings,
  { host, readSecret }: RemoteParts,
): Promise<object> {
  if (format === 'slack') return slackBody(notice, host, runbooks);
  if (format === 'json') return bodyOf(notice, host, runbooks);
  const key = await readSecret(routingKeyFile ?? '', 'the routing key file');
  return pagerDutyBody(notice, key, host, runbooks);
}

/** The receiver can tell that the body is ours and that it is fresh; docs/alerts.md shows how. */
async function signature(
  { hmacKeyFile }: WebhookSettings,
  body: Uint8Array,
  { readSecret, nowMs }: RemoteParts,
): Promise<Record<string, string>> {
  if (hmacKeyFile === null) return {};
  const key = await readSecret(hmacKeyFile, 'the hmac key file');
  const timestamp = String(Math.floor(nowMs() / 1000));
  return {
    'x-tokenward-timestamp': timestamp,
    'x-tokenward-signature': `v1=${sign(key, timestamp, body)}`,
  };
}

function sign(key: Secret, timestamp: string, body: Uint8Array): string {
  return createHmac('sha256', key.reveal()).update(`${timestamp}.`).update(body).digest('hex');
}
