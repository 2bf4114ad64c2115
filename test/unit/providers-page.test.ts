import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { products } from '../../src/config/products.ts';
import { createHttpClient } from '../../src/platform/http/client.ts';
import { createProvider, providerNames } from '../../src/providers/registry.ts';

const page = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

/** The cells of a product in the row that ends with this capability in brackets. */
function cells(name: string): readonly string[] {
  return rows.find(([title = '']) => title.endsWith(`(\`${name}\`)`))?.slice(1) ?? [];
}

const timeouts = { connectMs: 1, headersMs: 1, bodyMs: 1 };
const http = createHttpClient({ url: 'https://logs.example.com', tls: {}, env: {}, timeouts });
const providers = providerNames.map((name) =>
  createProvider(name, { http, wallMs: Date.now, probe: { path: '/' }, ...products[name] }),
);
const capabilities = Object.keys(
  providers[0]?.capabilities ?? {},
) as (keyof (typeof providers)[0]['capabilities'])[];

describe('docs/providers.md', () => {
  it('has a column for each product', () => {
    expect(rows[0]?.slice(1)).toEqual(providerNames.map((name) => `\`${name}\``));
  });

  it.each(capabilities)('says of %s who can do it', (capability) => {
    expect(cells(capability)).toEqual(
      providers.map((provider) => (provider.capabilities[capability] ? 'yes' : 'no')),
    );
  });

  it('says how each shows a token', () => {
    const [, ...shown] = rows.find(([title]) => title === 'a token is shown with') ?? [];
    const headers = providerNames.map((name) => products[name].tokenHeader);
    expect(shown).toEqual(headers.map(({ name, scheme }) => `\`${`${name}: ${scheme ?? ''}`.trim()}\``));
  });

  it('configures each as it can be configured', () => {
    const blocks = [...page.matchAll(/```yaml\n([^`]+)```/g)].map(([, yaml = '']) => yaml);
    const used = blocks.map(
      (yaml) => parseConfig(yaml, '/etc/tokenward/config.yaml', {}).agents[0]?.provider,
    );
    expect(used).toEqual(providerNames);
  });
});
