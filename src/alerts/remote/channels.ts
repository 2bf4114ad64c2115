import { type AlertmanagerSettings, createAlertmanager } from './alertmanager.ts';
import { createExec, type ExecSettings } from './exec.ts';
import type { RemoteChannel, RemoteParts } from './parts.ts';
import { createWebhook, type WebhookSettings } from './webhook.ts';

/** The channels that leave the daemon: a file of its own in the build, loaded for the first notice. */

export type RemoteSettings = AlertmanagerSettings | WebhookSettings | ExecSettings;

export function createRemoteChannel(settings: RemoteSettings, parts: RemoteParts): RemoteChannel {
  if (settings.kind === 'alertmanager') return createAlertmanager(settings, parts);
  return settings.kind === 'webhook' ? createWebhook(settings, parts) : createExec(settings, parts);
}
