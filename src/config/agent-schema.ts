import * as v from 'valibot';
import { duration } from './duration.ts';
import { expected } from './messages.ts';
import { secretSchema } from './secret-schema.ts';
import { choice, published, section } from './section.ts';
import { isPlainHttp, serverUrl } from './server-url.ts';
import { tlsSchema } from './tls-schema.ts';
import { tokenFileSchema } from './token-file-schema.ts';
import { integer, type PathSchema } from './values.ts';

/** Everything under one name in `agents`. */
export function agentSchema(path: PathSchema) {
  return v.pipe(
    section(
      {
        provider: choice(['vcf-logs', 'onezone', 'f5-xc']),
        url: serverUrl(),
        tls: v.optional(tlsSchema(path), {}),
        // Limits of the server's API; 0 asks for its default, which is 30 minutes.
        ttl: v.optional(duration({ from: '1m', to: '180d', zero: '30m' }), 0),
        refresh: v.optional(refreshSchema(), {}),
        max_exchanges_per_minute: v.optional(integer(1, 6000), 6),
        exchange_deadline: v.optional(duration({ from: '1s', to: '20s' }), '15s'),
        secret: secretSchema(path),
        in_doubt: v.optional(choice(['replay_once', 'halt']), 'replay_once'),
        files: v.optional(v.array(tokenFileSchema(path), expected('a list')), []),
      },
      {
        later: ['expires_at', 'secret_file', 'token_header', 'on_invalid', 'probe', 'hooks'],
        examples: { provider: 'vcf-logs', url: 'https://logs.example.com', secret: '{ store: file }' },
      },
    ),
    v.forward(
      v.check(
        ({ url, tls }) => !isPlainHttp(url) || (tls.caFile ?? tls.certFile ?? tls.serverName) === undefined,
        'has no effect on an http:// url; remove it or use https://',
      ),
      ['tls'],
    ),
    published({
      anyOf: [
        { properties: { url: { not: { pattern: '^[hH][tT][tT][pP]:' } } } },
        { properties: { tls: { maxProperties: 0 } } },
      ],
    }),
    v.transform((agent) => ({
      provider: agent.provider,
      url: agent.url,
      tls: agent.tls,
      ttlMs: agent.ttl,
      refresh: agent.refresh,
      maxExchangesPerMinute: agent.max_exchanges_per_minute,
      exchangeDeadlineMs: agent.exchange_deadline,
      secret: agent.secret,
      inDoubt: agent.in_doubt,
      files: agent.files,
    })),
  );
}

function refreshSchema() {
  const at = 'a number above 0 and below 1';
  const jitter = 'a number from 0 to below 1';
  return v.pipe(
    section({
      at: v.optional(
        v.pipe(v.number(expected(at)), v.gtValue(0, expected(at)), v.ltValue(1, expected(at))),
        0.75,
      ),
      jitter: v.optional(
        v.pipe(v.number(expected(jitter)), v.minValue(0, expected(jitter)), v.ltValue(1, expected(jitter))),
        0.1,
      ),
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || dataset.issues !== undefined) return;
      const { at: point, jitter: spread } = dataset.value;
      if (point + spread >= 1)
        addIssue({ message: '`at` + `jitter` must stay below 1, the end of the token' });
      if (point - spread <= 0)
        addIssue({ message: '`at` - `jitter` must stay above 0, the start of the token' });
    }),
  );
}
