import type { Finding } from '../config/finding.ts';
import type { TokenwardError } from '../domain/errors.ts';
import { advisedBy, advisedByError } from './advice.ts';
import type { Examination, Lines } from './examination.ts';
import { examineDisk } from './examine-disk.ts';
import { examinePermissions, examineSockets } from './examine-permissions.ts';
import { examineSecrets } from './examine-secrets.ts';
import { examineServers } from './examine-servers.ts';
import { judgeDaemon } from './judge-daemon.ts';
import { judgeHost } from './judge-host.ts';
import { judgeUnit } from './judge-unit.ts';
import { failing, type Group, type Line, ok, warning } from './line.ts';
import { probeHost } from './probe-host.ts';
import { probeUnit } from './probe-unit.ts';

/** A group of lines, of which each part is known at a time of its own. */
export interface Section {
  readonly group: Group;
  readonly parts: readonly Lines[];
}

/** Looks at everything at once; the sections stand in the order in which they are told. */
export function examine(examination: Examination): readonly Section[] {
  return [
    { group: 'configuration', parts: [known(configurationLines(examination))] },
    { group: 'daemon', parts: [daemonLines(examination)] },
    { group: 'permissions', parts: examinePermissions(examination) },
    { group: 'sockets', parts: examineSockets(examination) },
    { group: 'secrets', parts: examineSecrets(examination) },
    { group: 'servers', parts: examineServers(examination) },
    { group: 'disk', parts: examineDisk(examination) },
    { group: 'host', parts: [hostLines(examination), unitLines(examination)] },
  ];
}

/** Without a configuration that can be read there is little to look at. */
export function examineWithoutConfig(
  error: TokenwardError,
  configPath: string,
  host: Pick<Examination, 'version' | 'env'>,
): readonly Section[] {
  const otherwise = `mend it, and see: tokenward check --config ${configPath}`;
  const lines = error.message.split('\n').map((line) => {
    const [, place = configPath, problem = line] = /^(.*:\d+:\d+): (.*)$/.exec(line) ?? [];
    return failing('config-file', { what: place, ...advisedBy(problem, otherwise), code: error.code });
  });
  return [
    { group: 'configuration', parts: [known(lines)] },
    { group: 'host', parts: [hostLines(host)] },
  ];
}

async function known(lines: readonly Line[]): Lines {
  return lines;
}

function configurationLines({ config, configPath, configFlaw, findings }: Examination): readonly Line[] {
  const [agents, listeners] = [config.agents.length, config.listeners.length];
  const size = `${count(agents, 'agent')}, ${count(listeners, 'listener')}`;
  const file =
    configFlaw === null
      ? ok('config-file', { what: configPath, detail: `${size}; only its owner can change it` })
      : failing('config-file', { what: configPath, ...advisedByError(configFlaw, 'tokenward check') });
  const told = findings.filter((finding) => !isLookedAtCloser(finding));
  if (told.length > 0) return [file, ...told.map(findingLine)];
  return [file, ok('config-check', { what: configPath, detail: 'this host can do what it asks for' })];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** Certificates and keys that only a unit has are told about in lines of their own. */
function isLookedAtCloser({ severity, path }: Finding): boolean {
  return severity === 'warning' && /\.(tls\.(ca|cert)_file|secret\.credential)$/.test(path);
}

function findingLine({ severity, code, path, message }: Finding): Line {
  const told = { what: path, ...advisedBy(message, 'mend it, and see: tokenward check'), code };
  return severity === 'error' ? failing('config-check', told) : warning('config-check', told);
}

async function daemonLines({ daemon, version, configPath, configChangedAt }: Examination): Lines {
  return judgeDaemon(await daemon, { version, configPath, configChangedAt });
}

async function hostLines({ version, env }: Pick<Examination, 'version' | 'env'>): Lines {
  return judgeHost(await probeHost(version, env));
}

async function unitLines({ service, proc, env, config }: Examination): Lines {
  if (service.pid === null) return [];
  const facts = await probeUnit(service.pid, proc, env);
  return facts === null ? [] : judgeUnit(facts, config.shutdownGraceMs);
}
