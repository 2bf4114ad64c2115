import { isoTime } from './alerts.ts';
import { envLine } from './env-line.ts';
import { headerValue, isHeaderText, noHeaderCarries, type TokenHeader } from './token-header.ts';
import { fillTemplate, usesField } from './token-template.ts';
import type { Token } from './token.ts';

/** What stands in a token file, for each format (docs/token-files.md). It depends on the token and on settings alone, never on the moment. */

export type TokenFileFormat =
  | { readonly kind: 'bare' | 'header' | 'json' | 'env' }
  /** `secretName`: what Envoy asks for; null: the name of the agent. */
  | { readonly kind: 'envoy-sds'; readonly secretName: string | null }
  | { readonly kind: 'template'; readonly template: string };

/** In the order of the documentation. */
export const formatNames = [
  'bare',
  'header',
  'json',
  'env',
  'envoy-sds',
  'template',
] as const satisfies readonly TokenFileFormat['kind'][];

/** Whose token it is, and how its server wants to be shown it. */
export interface AgentFacts {
  readonly name: string;
  readonly tokenHeader: TokenHeader;
}

/** `problem`: why this token cannot be written in this format, as the end of a sentence. */
export type TokenFileContent = { readonly text: string } | { readonly problem: string };

/** To be written in UTF-8. The time of the end is by the wall clock of the exchange. */
export function tokenFileContent(format: TokenFileFormat, token: Token, agent: AgentFacts): TokenFileContent {
  switch (format.kind) {
    case 'bare':
      return { text: token.text.reveal() };
    case 'header':
      return inHeader(token, () => `${agent.tokenHeader.name}: ${valueOf(token, agent)}\n`);
    case 'json':
      return { text: jsonLine(membersOf(token, agent)) };
    case 'env':
      return env(token);
    case 'envoy-sds':
      return inHeader(token, () => jsonLine(discoveryResponse(format.secretName, token, agent)));
    case 'template':
      return filled(format.template, token, agent);
  }
}

function inHeader(token: Token, text: () => string): TokenFileContent {
  return isHeaderText(token.text.reveal()) ? { text: text() } : { problem: noHeaderCarries };
}

function valueOf(token: Token, { tokenHeader }: AgentFacts): string {
  return headerValue(tokenHeader, token.text.reveal());
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** As `GET /v1/agents/{agent}/token` answers, without what changes while the token lives. */
function membersOf(token: Token, { name }: AgentFacts) {
  return {
    access_token: token.text.reveal(),
    token_type: 'Bearer',
    expires_at: expiresAt(token),
    agent: name,
    sequence: token.sequence,
  };
}

function env(token: Token): TokenFileContent {
  const line = envLine('TOKENWARD_TOKEN', token.text.reveal());
  if (line === null) return { problem: noLineHolds };
  const facts = [
    envLine('TOKENWARD_TOKEN_EXPIRES_AT', expiresAt(token)),
    envLine('TOKENWARD_TOKEN_EXPIRES_AT_UNIX', expiresAtUnix(token)),
    envLine('TOKENWARD_TOKEN_SEQUENCE', String(token.sequence)),
  ];
  return { text: [line, ...facts].join('') };
}

/**
 * The resource of Envoy's secret discovery, as a file (Envoy API v3: DiscoveryResponse, Secret, GenericSecret). The secret is the whole value of
 * the header: the credential injector puts it there as it is.
 */
function discoveryResponse(secretName: string | null, token: Token, agent: AgentFacts) {
  return {
    version_info: String(token.sequence),
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
        name: secretName ?? agent.name,
        generic_secret: { secret: { inline_string: valueOf(token, agent) } },
      },
    ],
  };
}

function filled(template: string, token: Token, agent: AgentFacts): TokenFileContent {
  const text = token.text.reveal();
  // a line break would end what the template began
  if (/\p{Cc}/u.test(text)) return { problem: noLineHolds };
  if (usesField(template, 'header_value') && !isHeaderText(text)) return { problem: noHeaderCarries };
  return {
    text: fillTemplate(template, {
      token: text,
      header_name: agent.tokenHeader.name,
      header_value: valueOf(token, agent),
      expires_at: expiresAt(token),
      expires_at_unix: expiresAtUnix(token),
      agent: agent.name,
      sequence: String(token.sequence),
    }),
  };
}

const noLineHolds = 'it has line breaks or control characters in it that this format cannot hold';

function expiresAt({ sentAt, ttlMs }: Token): string {
  return isoTime(sentAt, ttlMs);
}

/** Seconds, rounded as {@link isoTime} does. */
function expiresAtUnix({ sentAt, ttlMs }: Token): string {
  return String(Math.round((sentAt.wallMs + ttlMs) / 1000));
}
