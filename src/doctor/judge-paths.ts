import { isShared, untilReboot } from '../platform/folder-advice.ts';
import {
  describeNode,
  enterBit,
  type Names,
  obstacleOn,
  type PathNode,
  readBit,
  writeBit,
} from './access.ts';
import { failing, type Line, ok, warning } from './line.ts';
import type { WayTo } from './probe-paths.ts';
import type { ServiceUser } from './service-user.ts';

/** Whether the user that runs the daemon can use its paths, and nobody else the secret ones. */

export interface Owner {
  readonly service: ServiceUser;
  readonly names: Names;
}

/** A path that the daemon needs. */
export interface PathNeed {
  /** What it is, for people: `the token file`. */
  readonly role: string;
  readonly path: string;
  /** To read the file itself, or to make and replace it in its folder. */
  readonly to: 'read' | 'replace';
  /** Whether only its owner may read it, so that a group is no way out. */
  readonly secret: boolean;
  readonly agents: readonly string[];
}

/** `way` leads to the path for `read`, to its folder for `replace`. */
export function judgePath(need: PathNeed, way: WayTo, { service, names }: Owner): Line {
  const { role, path, to, agents } = need;
  const user = names.user(service.uid);
  const about = { what: path, agents };
  if (way.hidden || !way.exists) {
    return way.hidden
      ? warning('path-access', { ...about, detail: `${role} is hidden from us`, mend: lookAgain(user) })
      : failing('path-access', { ...about, detail: missing(need, way), mend: make(need, way, user) });
  }
  const bits = to === 'read' ? readBit : writeBit | enterBit;
  const obstacle = obstacleOn(way.nodes, service, bits);
  if (obstacle === null) return ok('path-access', { ...about, detail: `${role}: ${user} can ${to} it` });
  const { node, lacks } = obstacle;
  const detail = `${role}: ${user} cannot ${to} it; ${node.path} (${describeNode(node, names)}) is in the way`;
  const mend = lacks === 'passage' ? `chmod o+x ${node.path}` : grant(need, node, user, names, service);
  return failing('path-access', { ...about, detail, mend });
}

/** Of a file that may be missing. */
export function judgeAbsence({ role, path, agents }: Omit<PathNeed, 'to'>): Line {
  return ok('path-access', { what: path, agents, detail: `${role} is not there, and need not be` });
}

export function lookAgain(user: string): string {
  return `look as root or as that user: sudo -u ${user} tokenward doctor`;
}

function missing({ role, to }: PathNeed, { path }: WayTo): string {
  return to === 'read' ? `${role} is missing` : `the folder ${path} of ${role} is missing`;
}

function make({ role, to, path }: PathNeed, way: WayTo, user: string): string {
  return to === 'read'
    ? `put ${role} at ${path}, or correct the path`
    : `install -d -o ${user} -m 0755 ${way.path}${untilReboot(way.path)}`;
}

function grant(
  { to, path, secret }: PathNeed,
  node: PathNode,
  user: string,
  names: Names,
  { gids }: ServiceUser,
): string {
  if (to === 'replace') {
    if (!isShared(node.path)) return `chown ${user} ${node.path}`;
    const own = `${node.path === '/' ? '' : node.path}/tokenward`;
    return `choose a folder of its own for it: install -d -o ${user} -m 0755 ${own}`;
  }
  if (secret || gids[0] === undefined) return `chown ${user} ${path}`;
  return `chgrp ${names.group(gids[0])} ${path} && chmod g+r ${path}`;
}

/** The state folder itself. `way` leads to it. */
export function judgeStateDir(way: WayTo, { service, names }: Owner): Line {
  const { path } = way;
  const user = names.user(service.uid);
  const node = way.nodes.at(-1);
  if (way.hidden || node === undefined)
    return warning('state-dir', { what: path, detail: 'it is hidden from us', mend: lookAgain(user) });
  if (!way.exists) return ok('state-dir', { what: path, detail: `not there yet; made at the first start` });
  const obstacle = obstacleOn(way.nodes, service, readBit | writeBit | enterBit);
  if (obstacle !== null) {
    const detail = `${user} cannot use it; ${obstacle.node.path} (${describeNode(obstacle.node, names)}) is in the way`;
    const mend =
      obstacle.lacks === 'passage'
        ? `chmod o+x ${obstacle.node.path}`
        : ofItsOwn(path, `chown -R ${user} ${path}`);
    return failing('state-dir', { what: path, detail, mend, code: 'STATE_DIR_UNUSABLE' });
  }
  const described = describeNode(node, names);
  if ((node.mode & 0o077) === 0) return ok('state-dir', { what: path, detail: described });
  return warning('state-dir', {
    what: path,
    detail: `${described}: others than its owner may look into it`,
    mend: ofItsOwn(path, `chmod 0700 ${path}`),
  });
}

/** What lies in the state folder, which is not among the nodes: a command that once ran as another user leaves files that the daemon cannot use. */
export function judgeStateFiles(folder: string, nodes: readonly PathNode[], { service, names }: Owner): Line {
  const user = names.user(service.uid);
  const foreign = nodes.filter(({ uid }) => uid !== service.uid);
  const open = nodes.filter(({ mode }) => (mode & 0o077) !== 0);
  const about = { what: folder };
  if (foreign[0] !== undefined) {
    return failing('state-files', {
      ...about,
      detail: `${tell(foreign)} to another user than ${user}: ${foreign[0].path} (${describeNode(foreign[0], names)})`,
      mend: ofItsOwn(folder, `chown -R ${user} ${folder}`),
      code: 'STATE_DIR_UNUSABLE',
    });
  }
  if (open[0] !== undefined) {
    return warning('state-files', {
      ...about,
      detail: `others than ${user} may use ${open[0].path} (${describeNode(open[0], names)})`,
      mend: ofItsOwn(folder, `chmod -R go= ${folder}`),
    });
  }
  const found =
    nodes.length === 0
      ? 'nothing in it yet'
      : `nobody but ${user} may use what is in it (entries: ${nodes.length})`;
  return ok('state-files', { ...about, detail: found });
}

/** Where others have their things too, no command may take them all. */
function ofItsOwn(folder: string, command: string): string {
  const own = `${folder === '/' ? '' : folder}/tokenward`;
  return isShared(folder) ? `name a folder of its own in the configuration: state_dir: ${own}` : command;
}

function tell({ length }: readonly PathNode[]): string {
  return length === 1 ? 'one entry belongs' : `${length} entries belong`;
}

/** A file or socket that is to have a group: who is not root can only give it one of their own (chown(2)). */
export function judgeGroup(
  what: string,
  gid: number,
  agents: readonly string[],
  { service, names }: Owner,
): Line {
  const user = names.user(service.uid);
  const group = names.group(gid);
  if (service.uid === 0 || service.gids.includes(gid))
    return ok('file-group', { what, agents, detail: `${user} may give it to the group ${group}` });
  return warning('file-group', {
    what,
    agents,
    detail: `${user} is not in the group ${group}, and so may not give it to that group`,
    mend: `usermod -aG ${group} ${user}, and restart the daemon`,
  });
}
