/**
 * What container tests share on one machine, whichever checkout they run from. Outside of the repository: base images outlive a run, so
 * that only the first one makes them. May be removed at any time when no test runs.
 */
export const folders = { cache: '/var/cache/tokenward-tests', run: '/run/tokenward-tests' } as const;
