import * as v from 'valibot';
import { defaultTtlMs } from '../domain/token.ts';
import { duration } from './duration.ts';
import { hookSchema } from './hook-schema.ts';
import { instant } from './instant.ts';
import { expected } from './messages.ts';
import { probeSchema } from './probe-schema.ts';
import { productProblems, publishedProductRules } from './product-rules.ts';
import { productNames, products } from './products.ts';
import { secretSchema } from './secret-schema.ts';
import { choice, published, section } from './section.ts';
import { isPlainHttp, serverUrl } from './server-url.ts';
import { isEmptyTls, tlsForHttps, tlsSchema } from './tls-schema.ts';
import { tokenFileSchema } from './token-file-schema.ts';
import { tokenHeaderOf, tokenHeaderSchema } from './token-header-schema.ts';
import { integer, type PathSchema } from './values.ts';

/** Everything under one name in `agents`. */
export function agentSchema(path: PathSchema) {
  return v.pipe(
    section(
      {
        provider: choice(productNames),
        url: serverUrl(),
        tls: v.optional(tlsSchema(path), {}),
        // Limits of the server's API; 0 asks for its default, which is 30 minutes.
        ttl: optional(duration({ from: '1m', to: '180d', zero: '30m' }), 0),
        refresh: optional(refreshSchema(), {}),
        expires_at: v.optional(instant()),
        max_exchanges_per_minute: v.optional(integer(1, 6000), 6),
        exchange_deadline: v.optional(duration({ from: '1s', to: '20s' }), '15s'),
        secret: secretSchema(path),
        secret_file: v.optional(path),
        in_doubt: optional(choice(['replay_once', 'halt']), 'replay_once'),
        token_header: v.optional(tokenHeaderSchema(), {}),
        probe: v.optional(probeSchema()),
        on_invalid: v.optional(choice(['keep', 'remove']), 'keep'),
        files: v.optional(v.array(tokenFileSchema(path), expected('a list')), []),
        hooks: v.optional(v.array(hookSchema(path), expected('a list')), []),
      },
      {
        examples: { provider: productNames[0], url: 'https://logs.example.com', secret: '{ store: file }' },
      },
    ),
    v.forward(
      v.check(
        ({ url, tls }) => !isPlainHttp(url) || isEmptyTls(tls),
        'has no effect on an http:// url; remove it or use https://',
      ),
      ['tls'],
    ),
    published({ anyOf: tlsForHttps }),
    productProblems(),
    publishedProductRules(),
    v.transform((agent) => ({
      provider: agent.provider,
      url: agent.url,
      tls: agent.tls,
      ttlMs: agent.ttl ?? defaultTtlMs,
      refresh: agent.refresh ?? v.parse(refreshSchema(), {}),
      expiresAtMs: agent.expires_at ?? null,
      maxExchangesPerMinute: agent.max_exchanges_per_minute,
      exchangeDeadlineMs: agent.exchange_deadline,
      secret: agent.secret,
      secretFile: agent.secret_file ?? null,
      inDoubt: agent.in_doubt ?? ('replay_once' as const),
      tokenHeader: tokenHeaderOf(agent.token_header, products[agent.provider].tokenHeader),
      probe: agent.probe ?? null,
      onInvalid: agent.on_invalid,
      files: agent.files,
      hooks: agent.hooks,
    })),
  );
}

/** A key that some products refuse: whether it is there must be seen beside the value that it has where it is not. */
function optional<const Schema extends v.GenericSchema>(schema: Schema, byDefault: v.InferInput<Schema>) {
  return v.optional(v.pipe(schema, published({ default: byDefault })));
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
