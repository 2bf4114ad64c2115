import type { ErrorCode } from './errors.ts';

/** What a person can do where nothing is exchanged before one has decided: the end of a sentence that says what is the matter. */
export function wayOut(code: ErrorCode, agent: string): string {
  const handOver = `run \`tokenward enroll ${agent}\` or \`tokenward import ${agent}\``;
  switch (code) {
    case 'STATE_CLONED':
      return `the two would lock each other out, so give this one a secret of its own: ${handOver}`;
    case 'STATE_ROLLED_BACK':
      return `the older one is spent, so hand over a new one: ${handOver}`;
    case 'SERVER_CHANGED':
      return `set url back, or hand over a secret of the new server: ${handOver}`;
    case 'STATE_UNREADABLE':
      return `restore the key or the files from a backup and restart the daemon, or move the folder agents/${agent} away and enrol again`;
    case 'STORE_MISMATCH':
      return 'bring back the state folder that wrote it and restart the daemon, or remove the secret from the store and enrol again';
    case 'IN_DOUBT':
      return `set in_doubt: replay_once and restart the daemon, or hand over a new secret: ${handOver}`;
    default:
      return handOver;
  }
}

/** For a secret that the server does not take. */
export function secretAdvice(agent: string): string {
  return `give one that is whole, of this server and not spent by another host, or run \`tokenward enroll ${agent}\``;
}
