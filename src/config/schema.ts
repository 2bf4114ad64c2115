import { join } from 'node:path';
import * as v from 'valibot';
import { agentName } from '../domain/agent-pattern.ts';
import { agentSchema } from './agent-schema.ts';
import { alertSchema } from './alert-schema.ts';
import { crossCheck, understood } from './cross-checks.ts';
import { reservedKeys } from './document.ts';
import { duration } from './duration.ts';
import { listenerSchema } from './listener-schema.ts';
import { expected } from './messages.ts';
import { proxySchema } from './proxy-schema.ts';
import { choice, isMapping, issuePath, published, section } from './section.ts';
import { pathIn } from './values.ts';

/**
 * The whole configuration: the one source of its types, defaults and error messages. What comes out has camelCase names,
 * absolute paths (relative ones count from `folder`), and milliseconds for durations.
 */
export function configSchema(folder: string) {
  const path = pathIn(folder);
  return v.pipe(
    section(
      {
        state_dir: v.optional(path, '/var/lib/tokenward'),
        shutdown_grace: v.optional(duration({ from: '2s', to: '10m' }), '25s'),
        allow_ephemeral: v.optional(v.boolean(expected('true or false')), false),
        allow_network_filesystem: v.optional(v.boolean(expected('true or false')), false),
        log: v.optional(
          section({ level: v.optional(choice(['debug', 'info', 'warn', 'error']), 'info') }),
          {},
        ),
        agents: agentsSchema(agentSchema(path)),
        listeners: v.optional(v.array(listenerSchema(path), expected('a list')), []),
        proxies: v.optional(v.array(proxySchema(path), expected('a list')), []),
        alerts: v.optional(v.array(alertSchema(path), expected('a list')), []),
      },
      { misplaced: misplacedAgent },
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      for (const { path: at, message } of crossCheck(understood(dataset.value, dataset.issues ?? []))) {
        addIssue({ message, path: issuePath(at, 'value') });
      }
    }),
    v.transform((config) => ({
      stateDir: config.state_dir,
      shutdownGraceMs: config.shutdown_grace,
      allowEphemeral: config.allow_ephemeral,
      allowNetworkFilesystem: config.allow_network_filesystem,
      log: config.log,
      agents: Object.entries(config.agents).map(([name, { secret, ...agent }]) => ({
        name,
        ...agent,
        secret: withDefaultKey(secret, config.state_dir),
      })),
      listeners: config.listeners,
      proxies: config.proxies,
      alerts: config.alerts,
    })),
  );
}

function agentsSchema(agent: ReturnType<typeof agentSchema>) {
  const name =
    'the name of an agent is 1 to 63 of the characters a-z, 0-9, ".", "_" and "-", the first a letter or a digit';
  const what = 'a mapping of names to agents, such as web-01: { provider: vcf-logs, ... }';
  return v.pipe(
    v.custom<Record<string, unknown>>((input) => !Array.isArray(input), expected(what)),
    v.record(
      v.pipe(v.string(), v.regex(agentName, name), published({ not: { enum: reservedKeys } })),
      agent,
      expected(what),
    ),
    v.check((agents) => Object.keys(agents).length > 0, `is empty; expected ${what}`),
    published({ minProperties: 1 }),
  );
}

function misplacedAgent(value: unknown): string | null {
  return isMapping(value) && 'provider' in value
    ? 'an agent stands below `agents`; indent this line and those of the agent by two spaces more'
    : null;
}

type Secret = v.InferOutput<ReturnType<typeof agentSchema>>['secret'];

/** Agents that name no wrapping key share one in the state folder. */
function withDefaultKey(secret: Secret, stateDir: string) {
  if (secret.store !== 'file') return secret;
  return {
    ...secret,
    key: secret.key ?? ({ kind: 'key-file', path: join(stateDir, 'wrapping.key') } as const),
  };
}
