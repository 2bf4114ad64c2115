import * as v from 'valibot';
import { command } from './command.ts';
import { duration } from './duration.ts';
import { expected } from './messages.ts';
import { choice, chosen, isMapping, nothing, published, section } from './section.ts';
import { endpointUrl, isPlainHttp, serverUrl, type UrlWording } from './server-url.ts';
import { isEmptyTls, tlsForHttps, tlsSchema, tlsWithoutEffect } from './tls-schema.ts';
import type { PathSchema } from './values.ts';

/** One entry of `alerts`: a channel, named by the key that it has. */
export function alertSchema(path: PathSchema) {
  const kinds = {
    log: logSchema(),
    alertmanager: alertmanagerSchema(path),
    webhook: webhookSchema(path),
    exec: execSchema(),
  };
  const { log, alertmanager, webhook, exec } = kinds;
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  const none = nothing(() => `a channel is one of ${names.join(', ')}, such as { log: {} }`);
  return chosen([log, alertmanager, webhook, exec], (input) => {
    const [name, ...others] = isMapping(input) ? names.filter((known) => known in input) : [];
    return name === undefined || others.length > 0 ? none : kinds[name];
  });
}

/** It is always there; naming it changes nothing. */
function logSchema() {
  return v.pipe(
    section({ log: section({}) }),
    v.transform(() => ({ kind: 'log' as const })),
  );
}

const ofAlertmanager: UrlWording = {
  example: 'https://alertmanager.example.com',
  cargo: 'alerts',
  login: 'give `username` and `password_file`',
};

export const ofWebhooks: UrlWording = {
  example: 'https://hooks.example.com/tokenward',
  cargo: 'alerts',
  login: 'a url that is a secret belongs in `url_file`',
};

const ofRunbooks: UrlWording = {
  example: 'https://wiki.example.com/tokenward/runbooks',
  cargo: 'readers',
  login: 'links carry none',
};

function alertmanagerSchema(path: PathSchema) {
  const name = 'a user name';
  const server = v.pipe(
    section(
      {
        url: serverUrl(ofAlertmanager),
        tls: v.optional(tlsSchema(path), {}),
        username: v.optional(v.pipe(v.string(expected(name)), v.regex(/^[^:\s]+$/, expected(name)))),
        password_file: v.optional(path),
        bearer_token_file: v.optional(path),
        runbooks: v.optional(endpointUrl(ofRunbooks)),
      },
      { examples: { url: ofAlertmanager.example } },
    ),
    v.check(
      ({ username, password_file: password }) => (username === undefined) === (password === undefined),
      '`username` and `password_file` belong together; give both or none',
    ),
    v.check(
      ({ username, bearer_token_file: token }) => username === undefined || token === undefined,
      'give `username` or `bearer_token_file`, not both',
    ),
    v.check(({ url, tls }) => !isPlainHttp(url) || isEmptyTls(tls), tlsWithoutEffect),
    published({
      dependencies: { username: ['password_file'], password_file: ['username'] },
      not: { required: ['username', 'bearer_token_file'] },
      anyOf: tlsForHttps,
    }),
  );
  return v.pipe(
    section({ alertmanager: server }),
    v.transform(({ alertmanager: given }) => ({
      kind: 'alertmanager' as const,
      url: given.url,
      tls: given.tls,
      username: given.username ?? null,
      passwordFile: given.password_file ?? null,
      bearerTokenFile: given.bearer_token_file ?? null,
      runbooks: given.runbooks ?? null,
    })),
  );
}

function webhookSchema(path: PathSchema) {
  const hook = v.pipe(
    section({
      url: v.optional(endpointUrl(ofWebhooks)),
      url_file: v.optional(path),
      format: v.optional(choice(['json', 'slack', 'pagerduty']), 'json'),
      hmac_key_file: v.optional(path),
      routing_key_file: v.optional(path),
      tls: v.optional(tlsSchema(path), {}),
      runbooks: v.optional(endpointUrl(ofRunbooks)),
    }),
    v.check(
      ({ format, url, url_file: file }) =>
        (url === undefined) !== (file === undefined) || (format === 'pagerduty' && file === undefined),
      'give either `url` or `url_file`',
    ),
    v.check(
      ({ format, routing_key_file: key }) => (format === 'pagerduty') === (key !== undefined),
      '`routing_key_file` belongs to `format: pagerduty`, and is needed there',
    ),
    v.check(
      ({ format, hmac_key_file: key }) => format === 'json' || key === undefined,
      '`hmac_key_file` signs `format: json` only; the other services do not look at it',
    ),
    v.check(({ url, tls }) => url === undefined || !isPlainHttp(url) || isEmptyTls(tls), tlsWithoutEffect),
    published({ anyOf: tlsForHttps, allOf: [{ anyOf: [jsonHook, slackHook, pagerDutyHook] }] }),
  );
  return v.pipe(
    section({ webhook: hook }),
    v.transform(({ webhook: given }) => ({
      kind: 'webhook' as const,
      // PagerDuty's address for events of the API v2 is the same for everybody in a region
      url: given.url ?? (given.url_file === undefined ? 'https://events.pagerduty.com/v2/enqueue' : null),
      urlFile: given.url_file ?? null,
      format: given.format,
      hmacKeyFile: given.hmac_key_file ?? null,
      routingKeyFile: given.routing_key_file ?? null,
      tls: given.tls,
      runbooks: given.runbooks ?? null,
    })),
  );
}

const eitherUrl = { oneOf: [{ required: ['url'] }, { required: ['url_file'] }] };
const without = (...keys: readonly string[]) => ({
  not: { anyOf: keys.map((key) => ({ required: [key] })) },
});
const jsonHook = { properties: { format: { const: 'json' } }, ...without('routing_key_file'), ...eitherUrl };
const slackHook = {
  properties: { format: { const: 'slack' } },
  required: ['format'],
  ...without('routing_key_file', 'hmac_key_file'),
  ...eitherUrl,
};
const pagerDutyHook = {
  properties: { format: { const: 'pagerduty' } },
  required: ['format', 'routing_key_file'],
  not: { anyOf: [{ required: ['hmac_key_file'] }, { required: ['url', 'url_file'] }] },
};

function execSchema() {
  return v.pipe(
    section({
      exec: command('[/usr/local/bin/page-me, --team, logs]'),
      timeout: v.optional(duration({ from: '1s', to: '5m' }), '10s'),
      runbooks: v.optional(endpointUrl(ofRunbooks)),
    }),
    v.transform(({ exec, timeout, runbooks }) => ({
      kind: 'exec' as const,
      command: exec,
      timeoutMs: timeout,
      runbooks: runbooks ?? null,
    })),
  );
}
