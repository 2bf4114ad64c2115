import { PathWatch, type PathWatchParts } from '../platform/path-watch.ts';
import type { Log } from '../ports/log.ts';

type ConfigWatchParts = Pick<PathWatchParts, 'clock' | 'onChange' | 'seen'> & { readonly log: Log };

/** Tells when the configuration file may have changed. Without a watch SIGHUP still works. */
export function watchConfig(path: string, { log, ...parts }: ConfigWatchParts): PathWatch {
  return new PathWatch(path, {
    ...parts,
    onWatched: (paths) => log.debug('config-watched', { paths }),
    onFailed: (errno) =>
      log.warn('config-watch-failed', {
        path,
        errno,
        advice: 'reload with SIGHUP (systemctl reload tokenward)',
      }),
  });
}
