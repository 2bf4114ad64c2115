import * as v from 'valibot';
import { expected, secretAdvice } from './messages.ts';
import { published } from './section.ts';

/**
 * Where a server is: https, or http on this host only, because the secret travels in the request. Comes out as origin and
 * base path without a trailing slash.
 */
export function serverUrl(wording: UrlWording = ofAgents) {
  return v.pipe(
    v.string(expected(`a URL such as ${wording.example}`)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const problem = problemOf(dataset.value, wording) ?? addressProblem(dataset.value);
      if (problem === null) return normalized(new URL(dataset.value));
      addIssue({ message: problem });
      return NEVER;
    }),
    published({ pattern: urlPattern }),
  );
}

/** A whole URL to post to, with a query where it has one; the same rules otherwise. Comes out as it is written. */
export function endpointUrl(wording: UrlWording) {
  return v.pipe(
    v.string(expected(`a URL such as ${wording.example}`)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const problem = endpointProblem(dataset.value, wording);
      if (problem === null) return dataset.value;
      addIssue({ message: problem });
      return NEVER;
    }),
    published({ pattern: endpointPattern }),
  );
}

/** Why text is no such URL; null where it is one. Also for one that is read from a file. */
export function endpointProblem(text: string, wording: UrlWording): string | null {
  return problemOf(text, wording) ?? (text.includes('#') ? 'must not carry a fragment' : null);
}

/** How the problems of a URL are told. */
export interface UrlWording {
  readonly example: string;
  /** What travels there. */
  readonly cargo: string;
  /** Where user name and password belong. */
  readonly login: string;
}

const ofAgents: UrlWording = {
  example: 'https://logs.example.com',
  cargo: 'the secret',
  login: secretAdvice,
};

/**
 * The rules of {@link problemOf} as far as the text shows them: no user, query or fragment, no port 0, not the path of the API, and
 * with http no host that has a letter beyond those of a number in it, but for localhost.
 */
const schemePattern = [
  '^([hH][tT][tT][pP][sS]://+',
  String.raw`|[hH][tT][tT][pP]://+(?=([lL][oO][cC][aA][lL][hH][oO][sS][tT]|[\dxXa-fA-F.:\[\]]+)(:|[/?]|$)))`,
  String.raw`(?![^/?#]*:0+([/?]|$))[^\s\\/?#@]+`,
].join('');
const urlPattern = String.raw`${schemePattern}(?![^?#]*/api/v\d)(/[^\s\\?#]*)?$`;
const endpointPattern = String.raw`${schemePattern}([/?][^\s\\#]*)?$`;

/** Whether an origin or URL speaks plain HTTP; TLS settings mean nothing there. */
export function isPlainHttp(url: string): boolean {
  return url.startsWith('http:');
}

function problemOf(text: string, { example, cargo, login }: UrlWording): string | null {
  if (/^[\w.-]+(:\d+)?(\/|$)/.test(text)) return `has no scheme; write https:// before it, as in ${example}`;
  if (!/^https?:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return `expected a URL such as ${example}`;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return `must not carry a user name or password; ${login}`;
  if (url.port === '0') return 'there is no port 0; name the port of the server, or leave it away for 443';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return `http:// would send ${cargo} in clear text and is allowed for loopback hosts only; use https://`;
  }
  return null;
}

function addressProblem(text: string): string | null {
  if (/[?#]/.test(text)) return 'must not carry a query or a fragment';
  if (/\/api\/v\d/.test(new URL(text).pathname))
    return 'expected the address of the server alone; leave away /api and what follows it';
  return null;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function normalized(url: URL): string {
  return url.origin + url.pathname.replace(/\/+$/, '');
}
