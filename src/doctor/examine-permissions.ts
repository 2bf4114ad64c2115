import { dirname, join } from 'node:path';
import type { UnixListenerConfig } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { Examination, Lines } from './examination.ts';
import { seesAll } from './examination.ts';
import {
  judgeAbsence,
  judgeGroup,
  judgePath,
  judgeStateDir,
  judgeStateFiles,
  lookAgain,
  type PathNeed,
} from './judge-paths.ts';
import { judgeSocket } from './judge-sockets.ts';
import { type Line, ok, warning } from './line.ts';
import { type NamedNeed, pathNeeds } from './path-needs.ts';
import { sampleFolder } from './probe-disk.ts';
import { everythingIn, wayTo } from './probe-paths.ts';
import { allowedBy, probeSocket } from './probe-socket.ts';

/** The user that runs the daemon, and whether it can use what is its. */
export function examinePermissions(examination: Examination): readonly Lines[] {
  return [serviceUser(examination), stateDir(examination), ...paths(examination), groups(examination)];
}

async function serviceUser({ service, self, names }: Examination): Lines {
  const user = names.user(service.uid);
  const detail = `the user that is looked for, ${service.known}`;
  if (seesAll({ self, service })) return [ok('service-user', { what: user, detail })];
  return [
    warning('service-user', {
      what: user,
      detail: `${detail}; this is ${names.user(self.uid)}, who cannot see all of its files`,
      mend: lookAgain(user),
    }),
  ];
}

async function stateDir(examination: Examination): Lines {
  const { config, service, names, findings } = examination;
  const folder = config.stateDir;
  const way = await wayTo(folder);
  const [, ...everything] = way.exists ? await everythingIn(folder) : [];
  const inside = everything.filter(({ path }) => !path.startsWith(join(folder, sampleFolder)));
  await names.learn([...way.nodes, ...inside]);
  const owner = { service, names };
  const isTold = findings.some(({ path, severity }) => path === 'state_dir' && severity === 'error');
  const files = seesAll(examination) && way.exists ? [judgeStateFiles(folder, inside, owner)] : [];
  return [...(isTold ? [] : [judgeStateDir(way, owner)]), ...files];
}

/** What `tokenward check` has found already is not told twice. */
function paths({ config, configPath, findings, service, names }: Examination): readonly Lines[] {
  const told = new Set(findings.filter(({ severity }) => severity === 'error').map(({ path }) => path));
  const needs = pathNeeds(config, configPath).filter(({ at }) => at.every((place) => !told.has(place)));
  return needs.map(async (given): Lines => {
    const found = await wayTo(given.path);
    if (given.to === 'read-if-there' && !found.exists && !found.hidden) return [judgeAbsence(given)];
    const need: PathNeed = { ...given, to: deedOf(given.to, found.exists) };
    if (need.to === 'replace' && dirname(need.path) === config.stateDir) return [];
    const way = need.to === 'read' ? found : await wayTo(dirname(need.path));
    await names.learn(way.nodes);
    return [judgePath(need, way, { service, names })];
  });
}

function deedOf(to: NamedNeed['to'], exists: boolean): PathNeed['to'] {
  if (to === 'read-or-make') return exists ? 'read' : 'replace';
  return to === 'read-if-there' ? 'read' : to;
}

async function groups({ config, users, service, names }: Examination): Lines {
  const given = [
    ...config.agents.flatMap(({ name, files }) =>
      files.map(({ path, group }) => ({ path, group, agents: [name] })),
    ),
    ...config.listeners.flatMap((listener) =>
      listener.kind === 'unix' ? [{ path: listener.path, group: listener.group, agents: [] }] : [],
    ),
  ];
  const lines = given.map(async ({ path, group, agents }): Lines => {
    if (group === null) return [];
    const gid = await known(users.groupId(group));
    if (gid === null) return [];
    await names.learn([{ uid: service.uid, gid }]);
    return [judgeGroup(path, gid, agents, { service, names })];
  });
  return (await Promise.all(lines)).flat();
}

/** A name that this host does not know is a finding of `tokenward check`. */
async function known<Value>(look: Promise<Value>): Promise<Value | null> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof TokenwardError) return null;
    throw error;
  }
}

/** Whether those who are allowed can get to the sockets. */
export function examineSockets(examination: Examination): readonly Lines[] {
  return examination.config.listeners.flatMap((listener, index) =>
    listener.kind === 'unix' ? [socketLines(examination, listener, `listeners[${index}]`)] : [],
  );
}

async function socketLines(
  { users, names, service }: Examination,
  listener: UnixListenerConfig,
  at: string,
): Lines {
  const facts = await known(probeSocket(listener, at, service, users));
  if (facts === null) return [];
  await names.learn([...facts.folders, facts.socket]);
  const lines: Line[] = [];
  for (const rule of listener.allow) {
    const allowed = await known(allowedBy(rule, users));
    if (allowed !== null) lines.push(judgeSocket(facts, allowed, names));
  }
  return lines;
}
