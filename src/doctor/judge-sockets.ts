import {
  allows,
  describeNode,
  enterBit,
  type Names,
  type PathNode,
  type Subject,
  writeBit,
} from './access.ts';
import { failing, type Line, ok, warning } from './line.ts';

/**
 * Whether those who are allowed to use a socket can get to it: through every folder on the way (path_resolution(7)), and with
 * the right to write to the socket itself (unix(7)).
 */

export interface SocketFacts {
  readonly path: string;
  /** Of the listener in the configuration: `listeners[0]`. */
  readonly at: string;
  /** Every folder on the way. */
  readonly folders: readonly PathNode[];
  /** False where a folder is missing or hidden from us. */
  readonly isWhole: boolean;
  /** As it is, or as the daemon will make it. */
  readonly socket: PathNode;
  readonly exists: boolean;
}

/** Somebody who is named in `allow`. */
export interface Allowed {
  readonly kind: 'user' | 'group';
  /** As the configuration names it. */
  readonly account: string;
  readonly subject: Subject;
}

export function judgeSocket(facts: SocketFacts, allowed: Allowed, names: Names): Line {
  const { path, folders, socket, isWhole, exists } = facts;
  const who = allowed.kind === 'user' ? allowed.account : `the members of ${allowed.account}`;
  const closed = folders.find((folder) => !allows(folder, allowed.subject, enterBit));
  if (closed !== undefined) {
    return failing('socket-access', {
      what: path,
      detail: `${who} cannot reach it: ${closed.path} (${describeNode(closed, names)}) is in the way`,
      mend: openFolder(closed, allowed, names),
      code: 'PEER_DENIED',
    });
  }
  if (!allows(socket, allowed.subject, writeBit)) {
    const will = exists ? '' : ', as it will be made';
    return failing('socket-access', {
      what: path,
      detail: `${who} may not connect to it: it is ${describeNode(socket, names)}${will}`,
      mend: openSocket(facts, allowed, names),
      code: 'PEER_DENIED',
    });
  }
  if (!isWhole) {
    return warning('socket-access', {
      what: path,
      detail: `a part of the way to it is missing or hidden from us, so it cannot be told whether ${who} can reach it`,
      mend: 'make the folder, or look as root: sudo tokenward doctor',
    });
  }
  return ok('socket-access', { what: path, detail: `${who} can connect` });
}

/** A group that may pass is a way in for one user more; for a whole group the folder must let others pass. */
function openFolder({ path, gid, mode }: PathNode, { kind, account }: Allowed, names: Names): string {
  const lets = gid !== 0 && (mode & 0o010) !== 0;
  return kind === 'user' && lets ? `usermod -aG ${names.group(gid)} ${account}` : `chmod o+x ${path}`;
}

/** The daemon makes the socket anew at each start: what lasts stands in the configuration. */
function openSocket({ at, socket }: SocketFacts, { kind, account }: Allowed, names: Names): string {
  if (kind === 'group') return `set group: ${account} and mode: "0660" at ${at}, and restart the daemon`;
  const lets = socket.gid !== 0 && (socket.mode & 0o020) !== 0;
  if (lets) return `usermod -aG ${names.group(socket.gid)} ${account}`;
  return `set a group that ${account} is in, and mode: "0660", at ${at}, and restart the daemon`;
}
