import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import {
  type AgentFacts,
  formatNames,
  tokenFileContent,
  type TokenFileFormat,
} from '../../../src/domain/token-file-content.ts';
import type { Token } from '../../../src/domain/token.ts';

const agent: AgentFacts = { name: 'web-01', tokenHeader: { name: 'Authorization', scheme: 'Bearer' } };

function token(text: string): Token {
  return {
    text: new Secret(text),
    fingerprint: 'sha256:0',
    sequence: 42,
    generation: 7,
    sentAt: { bootId: 'boot', bootMs: 5, wallMs: Date.UTC(2026, 0, 31, 12, 0, 0, 600) },
    ttlMs: 1_800_000,
    jitterDraw: 0.5,
  };
}

function write(format: TokenFileFormat, text = 'abc.def', facts = agent) {
  const content = tokenFileContent(format, token(text), facts);
  return 'text' in content ? content.text : `no: ${content.problem}`;
}

const template = (text: string): TokenFileFormat => ({ kind: 'template', template: text });
const envoy = (secretName: string | null = null): TokenFileFormat => ({ kind: 'envoy-sds', secretName });
const withoutScheme: AgentFacts = { name: 'web-02', tokenHeader: { name: 'X-Auth-Token', scheme: null } };

/** One for each format. */
const formats: readonly TokenFileFormat[] = [
  ...(['bare', 'header', 'json', 'env'] as const).map((kind) => ({ kind })),
  envoy(),
  template('token = {{token}}\n'),
];

describe('the content of a token file', () => {
  it('is tried for every format', () => {
    expect(formats.map(({ kind }) => kind)).toEqual(formatNames);
  });

  it.each<[TokenFileFormat, string]>([
    [{ kind: 'bare' }, 'abc.def'],
    [{ kind: 'header' }, 'Authorization: Bearer abc.def\n'],
    [
      { kind: 'json' },
      '{"access_token":"abc.def","token_type":"Bearer","expires_at":"2026-01-31T12:30:01Z","agent":"web-01","sequence":42}\n',
    ],
    [
      { kind: 'env' },
      `TOKENWARD_TOKEN='abc.def'
TOKENWARD_TOKEN_EXPIRES_AT='2026-01-31T12:30:01Z'
TOKENWARD_TOKEN_EXPIRES_AT_UNIX='1769862601'
TOKENWARD_TOKEN_SEQUENCE='42'
`,
    ],
    [
      envoy(),
      '{"version_info":"42","resources":[{"@type":"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret","name":"web-01","generic_secret":{"secret":{"inline_string":"Bearer abc.def"}}}]}\n',
    ],
    [
      template(
        '{{ token }}|{{header_name}}|{{header_value}}|{{expires_at}}|{{expires_at_unix}}|{{agent}}|{{sequence}}|{{token}}',
      ),
      'abc.def|Authorization|Bearer abc.def|2026-01-31T12:30:01Z|1769862601|web-01|42|abc.def',
    ],
  ])('%j', (format, content) => {
    expect(write(format)).toBe(content);
  });

  it('shows the token as its server wants it, without a scheme where there is none', () => {
    expect(write({ kind: 'header' }, 'abc', withoutScheme)).toBe('X-Auth-Token: abc\n');
    expect(write(template('{{header_name}}={{header_value}}'), 'abc', withoutScheme)).toBe(
      'X-Auth-Token=abc',
    );
    expect(write(envoy('logs'), 'abc', withoutScheme)).toContain(
      '"name":"logs","generic_secret":{"secret":{"inline_string":"abc"}}',
    );
  });

  it('puts into a template what the token says, whatever it looks like', () => {
    expect(write(template('{{token}}'), '$&{{agent}}')).toBe('$&{{agent}}');
  });
});

describe('a token that a format cannot hold is no file', () => {
  const inHeader = 'no: it has blanks or characters in it that no HTTP header can carry';
  const onLine = 'no: it has line breaks or control characters in it that this format cannot hold';

  it.each<[TokenFileFormat, string, string]>([
    [{ kind: 'header' }, 'a b', inHeader],
    [{ kind: 'header' }, 'a\r\nX-Other: b', inHeader],
    [envoy(), 'ä', inHeader],
    [template('{{header_value}}'), 'a b', inHeader],
    [template('{{token}}'), 'a\nb', onLine],
    [{ kind: 'env' }, "a'\nB='", onLine],
    [{ kind: 'env' }, 'a\0', onLine],
    [{ kind: 'env' }, '\ud800', onLine],
  ])('%j', (format, text, problem) => {
    expect(write(format, text)).toBe(problem);
  });
});

/** Visible ASCII, which is what tokens are made of, and a few that are not. */
const printable = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(`'`, '"', '\\', '$', '`', '#', '!', 'ä', '€', '😀'),
  ),
  minLength: 1,
  maxLength: 24,
});

describe('any printable token', () => {
  it('comes out of the JSON as it is', () => {
    fc.assert(
      fc.property(printable, (text) => {
        expect(JSON.parse(write({ kind: 'json' }, text))).toMatchObject({ access_token: text });
      }),
    );
  });

  it('comes out of the environment file of systemd as it is', () => {
    fc.assert(
      fc.property(printable, (text) => {
        expect(asSystemdReads(write({ kind: 'env' }, text)).get('TOKENWARD_TOKEN')).toBe(text);
      }),
    );
  });

  it('comes out of a shell as it is', () => {
    const texts = [...fc.sample(printable, { numRuns: 200, seed: 1 }), `'`, `'"$(id)\`id\`\\'`, '-n', '!!'];
    expect(asShellReads(texts.map((text) => write({ kind: 'env' }, text)))).toEqual(texts);
  });
});

/** One shell for all of them: it reads each file, and says what it found there. */
function asShellReads(contents: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-env-'));
  try {
    for (const [index, content] of contents.entries()) writeFileSync(join(folder, String(index)), content);
    const script = `i=0; while [ $i -lt ${contents.length} ]; do . "$1/$i"; printf '%s\\n' "$TOKENWARD_TOKEN"; i=$((i+1)); done`;
    const said = execFileSync('sh', ['-euc', script, 'sh', folder], { encoding: 'utf8' });
    return said.split('\n').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rules of systemd.exec(5) for EnvironmentFile, as far as a line goes whose value is in quotes from its start. */
function asSystemdReads(content: string): ReadonlyMap<string, string> {
  const lines = content.split('\n').slice(0, -1);
  return new Map(
    lines.map((line) => {
      const [, name = '', quote = '', inner = ''] = /^(\w+)=(["'])(.*)\2$/.exec(line) ?? [];
      expect(name, 'a line that is not understood').not.toBe('');
      if (quote === "'") {
        expect(inner).not.toContain("'");
        return [name, inner];
      }
      expect(inner.replaceAll(/\\./g, ''), 'a quote that ends the value early').not.toMatch(/["$`]/);
      return [name, inner.replaceAll(/\\(["\\$`])/g, '$1')];
    }),
  );
}
