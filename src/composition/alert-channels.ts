import { hostname } from 'node:os';
import type { RemoteChannel, RemoteParts } from '../alerts/remote/parts.ts';
import { resendMs } from '../alerts/resend.ts';
import type { AlertConfig } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import { createHttpClient } from '../platform/http/client.ts';
import { readPrivateLine } from '../platform/private-file.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Disk } from '../ports/disk.ts';

/** The channels of alerts as the configuration names them. None of them fails before it has something to tell. */

type RemoteConfig = Exclude<AlertConfig, { kind: 'log' }>;

export interface ChannelHost {
  readonly disk: Disk;
  readonly clock: Pick<Clock, 'now'>;
  readonly env: NodeJS.ProcessEnv;
}

/** All but the log, in the order of the configuration. */
export function alertChannels(configs: readonly AlertConfig[], host: ChannelHost): readonly AlertChannel[] {
  const parts = remoteParts(host);
  const taken = new Map<string, number>();
  return configs.flatMap((config) => {
    if (config.kind === 'log') return [];
    const name = placeOf(config);
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return [lazily(count === 1 ? name : `${name} #${count}`, config, parts)];
  });
}

/** Kind and place, with nothing in it that may be a secret: the path of a webhook often is one. */
function placeOf(config: RemoteConfig): string {
  if (config.kind === 'exec') return `exec ${config.command[0] ?? ''}`;
  if (config.kind === 'alertmanager') return `alertmanager ${new URL(config.url).host}`;
  const kind = config.format === 'json' ? 'webhook' : config.format;
  return `${kind} ${config.url === null ? (config.urlFile ?? '') : new URL(config.url).host}`;
}

function lazily(name: string, config: RemoteConfig, parts: RemoteParts): AlertChannel {
  let loaded: Promise<RemoteChannel> | null = null;
  const load = () =>
    (loaded ??= import('../alerts/remote/channels.ts').then(({ createRemoteChannel }) =>
      createRemoteChannel(config, parts),
    ));
  return {
    name,
    ...(config.kind === 'exec' && { deadlineMs: config.timeoutMs }),
    deliver: async (notice, signal) => (await load()).deliver(notice, signal),
    ...(config.kind === 'alertmanager' && {
      repeat: {
        everyMs: resendMs,
        deliver: async (notices, signal) => (await load()).repeat?.(notices, signal),
      },
    }),
  };
}

const timeouts = { connectMs: 10_000, headersMs: 15_000, bodyMs: 15_000 };

function remoteParts({ disk, clock, env }: ChannelHost): RemoteParts {
  const uid = process.geteuid?.() ?? 0;
  return {
    send: async ({ origin, tls }, request, signal) =>
      createHttpClient({ url: origin, tls, env, timeouts }).send(request, signal),
    readSecret: (path, what) => readPrivateLine(disk, uid, { path, what }),
    nowMs: () => clock.now().wallMs,
    host: hostname(),
    env,
    failure: (code, message, retryAfterMs) =>
      new TokenwardError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
