import type { ErrorCode } from './errors.ts';

/**
 * What a person can do where nothing is exchanged before one has decided: the end of a sentence that says what is the matter.
 * `creates` tells whether the server makes a secret on request.
 */
export function wayOut(code: ErrorCode, agent: string, creates = true): string {
  const handOver = `run ${creates ? `\`tokenward enroll ${agent}\` or ` : ''}\`tokenward import ${agent}\``;
  const recover = `run \`tokenward recover ${agent}\``;
  switch (code) {
    case 'STATE_CLONED':
      return `the two would lock each other out: where the other one never runs again, ${recover}; else give this one a secret of its own: ${handOver}`;
    case 'STATE_ROLLED_BACK':
      return `the older one is most likely spent, so hand over a new one: ${handOver}; ${recover} to see more, or to try it`;
    case 'SERVER_CHANGED':
      return `set url back; where the same server has a new address, ${recover}; else hand over a secret of the new server: ${handOver}`;
    case 'STATE_UNREADABLE':
      return `restore the key or the files from a backup and restart the daemon, or ${recover}, which goes on with what can be read`;
    case 'STORE_MISMATCH':
      return `bring back the state folder that wrote it and restart the daemon, or ${recover}, which takes the secret over into this one`;
    case 'IN_DOUBT':
      return `${recover}, which shows what is known and allows one more attempt, or hand over a new secret: ${handOver}`;
    default:
      return handOver;
  }
}

/** For a secret that the server does not take. */
export function secretAdvice({
  agent,
  creates,
}: {
  readonly agent: string;
  readonly creates: boolean;
}): string {
  return creates
    ? `give one that is whole, of this server and not spent by another host, or run \`tokenward enroll ${agent}\``
    : `give one that is whole, of this server, and has not ended: \`tokenward import ${agent}\``;
}
