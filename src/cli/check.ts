import { checkConfig } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../config/finding.ts';
import { TokenwardError } from '../domain/errors.ts';
import { defineCommand, jsonOption } from './command.ts';
import { alignColumns } from './format.ts';
import { checkContext } from './host-check.ts';
import { print, printJson } from './output.ts';
import { defaultConfigPath, type Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';

export const checkCommand = defineCommand({
  usage: 'check',
  summary: 'check the configuration and this host',
  description: `Reads the configuration and looks whether this host can do what it asks for: folders, keys,
certificates, sockets, users. Sends no request to any server and changes nothing. Run it as the
user that runs the daemon.`,
  positionals: {},
  options: jsonOption,
  examples: [
    ['check', 'check /etc/tokenward/config.yaml'],
    ['check --config ./tokenward.yaml --json', 'check another file, for a program'],
    ['check && systemctl restart tokenward', 'restart only with a good configuration'],
  ],
  tooMany: 'check takes no arguments; another configuration is named with --config FILE',
  run: async ({ config: given, json }, program) => {
    const path = given ?? defaultConfigPath(program.env);
    const { parts, findings } = await examine(given, program);
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (json) printJson({ ok: errors.length === 0, config: path, findings });
    else print(...alignColumns(rows(parts, findings)));
    if (errors.length > 0) throw summary(errors, path);
  },
});

interface Examination {
  /** What was looked at, by its key in the configuration. */
  readonly parts: readonly string[];
  readonly findings: readonly Finding[];
}

async function examine(path: string | undefined, program: Program): Promise<Examination> {
  let config: Config;
  try {
    config = readConfiguration(path, program);
  } catch (error) {
    if (!(error instanceof TokenwardError)) throw error;
    return { parts: [], findings: asFindings(error) };
  }
  return { parts: partsOf(config), findings: await checkConfig(config, await checkContext(program)) };
}

/** A configuration that cannot be read has its problems in the message, one a line. */
function asFindings({ code, message }: TokenwardError): readonly Finding[] {
  return message.split('\n').map((line) => ({ severity: 'error', code, path: '', message: line }));
}

function partsOf({ agents, listeners, proxies, alerts }: Config): readonly string[] {
  return [
    'state_dir',
    ...agents.map(({ name }) => `agents.${name}`),
    ...listeners.map((_, index) => `listeners[${index}]`),
    ...proxies.map((_, index) => `proxies[${index}]`),
    ...alerts.map((_, index) => `alerts[${index}]`),
  ];
}

function rows(parts: readonly string[], findings: readonly Finding[]): readonly (readonly string[])[] {
  const sound = parts.filter((part) => !findings.some(({ path }) => path.startsWith(part)));
  return [...sound.map((part) => ['ok', part]), ...findings.map(row)];
}

function row({ severity, code, path, message }: Finding): readonly string[] {
  return [severity, `${path === '' ? '' : `${path}: `}${message} (${code})`];
}

/** With the code of the errors where they have one in common. */
function summary(errors: readonly Finding[], path: string): TokenwardError {
  const [code = 'CONFIG_INVALID', ...others] = new Set(errors.map((error) => error.code));
  const what = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  const advice = 'mend what is named above and run `tokenward check` again';
  return new TokenwardError(others.length === 0 ? code : 'CONFIG_INVALID', `${what} with ${path}; ${advice}`);
}
