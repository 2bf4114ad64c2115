import type { Log } from '../ports/log.ts';
import type { Native } from './native.ts';

/**
 * Gives memory that is not needed any more back to the system. V8 collects when it needs room, not when others do: after
 * thousands of clients it keeps hundreds of MiB in reserve, for ever in an idle process. Its low-memory collection, for which
 * the inspector's protocol is the public door, releases them. It stops the process for some 50 ms or more, so it is for rare
 * moments; whoever cannot have it goes on with what it has.
 */
export async function giveMemoryBack(native: Pick<Native, 'trimMemory'>, log: Log): Promise<void> {
  try {
    const { Session } = await import('node:inspector/promises');
    const session = new Session();
    session.connect();
    // Disconnecting before the answer would call the collection off.
    await session.post('HeapProfiler.collectGarbage').finally(() => session.disconnect());
    native.trimMemory();
    log.debug('memory-given-back');
  } catch (error) {
    log.debug('memory-kept', { error });
  }
}
