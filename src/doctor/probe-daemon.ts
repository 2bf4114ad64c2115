import { DaemonClient } from '../client/daemon-client.ts';
import { sendOverSocket } from '../client/socket-request.ts';
import type { Config } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { DaemonFacts } from './judge-daemon.ts';
import { startOf } from './probe-unit.ts';

/** Asks the daemon what everybody may ask, and what this user may. */
export async function probeDaemon(
  { listeners }: Pick<Config, 'listeners'>,
  pid: number | null,
  proc: string,
  timeoutMs: number,
): Promise<DaemonFacts> {
  const listener = listeners.find(({ kind }) => kind === 'unix');
  const socket = listener?.kind === 'unix' ? listener.path : null;
  const startedAt = pid === null ? null : await startOf(pid, proc);
  const facts = { socket, pid, failure: null, metrics: null, statuses: [], startedAt };
  if (socket === null) return facts;
  try {
    const { body } = await sendOverSocket(socket, { method: 'GET', path: '/metrics', body: null, timeoutMs });
    return { ...facts, metrics: body, statuses: await statusesAt(socket) };
  } catch (error) {
    if (!(error instanceof TokenwardError)) throw error;
    return { ...facts, failure: error };
  }
}

async function statusesAt(socket: string): Promise<DaemonFacts['statuses']> {
  try {
    return await new DaemonClient(socket).statuses();
  } catch (error) {
    if (error instanceof TokenwardError) return error;
    throw error;
  }
}
