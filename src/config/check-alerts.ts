import type { Secret } from '../domain/secret.ts';
import { proxyFor } from '../platform/http/proxy.ts';
import { ofWebhooks } from './alert-schema.ts';
import { checkProgram } from './check-program.ts';
import { checkTls } from './check-tls.ts';
import type { AlertConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { type Finding, finding, findingsOf } from './finding.ts';
import { endpointProblem } from './server-url.ts';

/** Whether the channels of alerts find on this host what they need. Nothing is sent: that is `tokenward alerts test`. */

export interface AlertFile {
  /** What it is, for people: `the password file`. */
  readonly what: string;
  readonly path: string;
  /** Below the entry of `alerts`. */
  readonly key: string;
  /** Whether only its owner may read it, and it is one line. */
  readonly isSecret: boolean;
}

/** Every file that the channel reads. */
export function alertFiles(channel: AlertConfig): readonly AlertFile[] {
  const file = (what: string, path: string | null | undefined, key: string, isSecret = true) =>
    path == null ? [] : [{ what, path, key: `${channel.kind}.${key}`, isSecret }];
  switch (channel.kind) {
    case 'log':
    case 'exec':
      return [];
    case 'alertmanager':
      return [
        ...file('the password file', channel.passwordFile, 'password_file'),
        ...file('the bearer token file', channel.bearerTokenFile, 'bearer_token_file'),
        ...file('the CA file', channel.tls.caFile, 'tls.ca_file', false),
      ];
    case 'webhook':
      return [
        ...file('the url file', channel.urlFile, 'url_file'),
        ...file('the hmac key file', channel.hmacKeyFile, 'hmac_key_file'),
        ...file('the routing key file', channel.routingKeyFile, 'routing_key_file'),
        ...file('the CA file', channel.tls.caFile, 'tls.ca_file', false),
      ];
  }
}

export interface AlertCheckContext {
  readonly env: Environment;
  /** Reads a line from a file that only its owner may read. Rejects `KEY_FILE_UNUSABLE`. */
  readonly readPrivate: (path: string, what: string) => Promise<Secret>;
  /** Against which the validity of certificates is judged. */
  readonly now: Date;
}

export async function checkAlerts(
  channel: AlertConfig,
  at: string,
  context: AlertCheckContext,
): Promise<readonly Finding[]> {
  if (channel.kind === 'log') return [];
  if (channel.kind === 'exec') return checkProgram(channel.command[0] ?? '', 'OUTPUT_UNUSABLE', `${at}.exec`);
  const findings = await Promise.all([
    ...alertFiles(channel)
      .filter(({ isSecret }) => isSecret)
      .map(({ what, path, key }) =>
        findingsOf(`${at}.${key}`, async () => {
          const line = await context.readPrivate(path, what);
          // only looked at: a problem never repeats it
          const problem = key === 'webhook.url_file' ? endpointProblem(line.reveal(), ofWebhooks) : null;
          return problem === null ? [] : [badAddress(`${at}.${key}`, `the URL in ${path} ${problem}`)];
        }),
      ),
    checkTls(channel.tls, `${at}.${channel.kind}.tls`, context.now),
    findingsOf(`${at}.${channel.kind}.url`, async () => {
      if (channel.url !== null) proxyFor(new URL(channel.url), context.env);
      return [];
    }),
  ]);
  return findings.flat();
}

function badAddress(at: string, message: string): Finding {
  return finding('error', 'KEY_FILE_UNUSABLE', at, message);
}
