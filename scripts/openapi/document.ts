import { adminPaths } from './admin-paths.ts';
import { journalSchemas } from './journal-schemas.ts';
import { openPaths, openSchemas } from './open-paths.ts';
import { problemSchemas } from './problem.ts';
import { recoverySchemas } from './recovery-schemas.ts';
import type { Schema } from './schema.ts';
import { headers, parameters } from './shared-parts.ts';
import { agentList, statusPaths } from './status-paths.ts';
import { statusSchemas } from './status-schemas.ts';
import { tokenPaths } from './token-paths.ts';
import { tokenSchemas } from './token-schemas.ts';

/**
 * OpenAPI 3.1 of the local API. The published document is tolerant: a later version may add members to an answer, so objects are
 * left open. The tests close them, and hold every answer of the daemon to it.
 */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Schema;
  readonly paths: Readonly<Record<string, Schema>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Schema>>;
    readonly headers: Readonly<Record<string, Schema>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
  readonly [key: string]: unknown;
}

/** `version` is that of the program. */
export function openApiDocument(version: string): OpenApiDocument {
  return {
    openapi: '3.1.1',
    info: {
      title: 'tokenward: the local API',
      summary: 'Tokens for the log shippers of this host, and the operation of the daemon that keeps them.',
      description,
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'http://localhost',
        description:
          'HTTP/1.1 over the Unix socket that a `unix` listener of the configuration names, such as /run/tokenward/tokenward.sock. The host of the URL means nothing: `curl --unix-socket /run/tokenward/tokenward.sock http://localhost/v1/agents`',
      },
    ],
    security: [],
    tags,
    paths: { ...tokenPaths, ...statusPaths, ...adminPaths, ...openPaths },
    components: {
      parameters,
      headers,
      schemas: {
        ...statusSchemas,
        AgentList: agentList,
        ...tokenSchemas,
        ...journalSchemas,
        ...recoverySchemas,
        ...openSchemas,
        ...problemSchemas,
      },
    },
  };
}

const description = `HTTP/1.1 over a Unix socket. No credentials are sent: the kernel says which user is connected, and \`allow\` of the listener says what that user may do, for all agents or for some; of an agent that is not the caller's, 403 is answered whether it exists or not. \`x-tokenward-permission\` of each operation is the word that \`allow\` must grant (\`token\`, \`status\` or \`admin\`; \`none\`: whoever can connect), \`x-tokenward-surface\` what a \`tcp\` listener must serve (\`health\` or \`metrics\`; \`api\` is never served over TCP).

Every error is \`application/problem+json\` with a stable \`code\`; \`x-tokenward-codes\` of a response lists the codes that it may have. Beside the errors of each operation: 404 \`NOT_FOUND\` for a path that the listener does not serve, 405 \`REQUEST_INVALID\` with \`Allow\` for another method, and 400, 408 or 431 \`REQUEST_INVALID\` where the request is no well-formed HTTP, did not arrive in time, or has more than 8 KiB of headers. Every GET is answered to HEAD too, without the body.

Durations in a query carry their unit: \`500ms\`, \`30s\`, \`5m\`, \`1h30m\`. An unknown parameter is an error. Later versions may add operations, members of answers, and error codes; what is here keeps its meaning under \`/v1\`.`;

const tags = [
  { name: 'token', description: 'For shippers: the token.' },
  { name: 'status', description: 'For people and their tools: how the agents are.' },
  { name: 'admin', description: 'For operators: what changes something.' },
  { name: 'supervision', description: 'For supervisors and scrapers.' },
  { name: 'description', description: 'For whoever writes a client.' },
];
