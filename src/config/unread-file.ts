import { accessSync, constants, readdirSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { nearest } from './nearest.ts';

/** What to do where the configuration could not be read: it is looked for what was most likely meant. */

/** A file of nearly that name, or how to get one. */
export function whereElse(path: string): string {
  const meant = nearest(basename(path), configurationsIn(dirname(path)));
  if (meant !== null) return `did you mean --config ${join(dirname(path), meant)}?`;
  return `run: install -D -m 0644 config.example.yaml ${path}, and adapt it; or name another file with --config PATH or $TOKENWARD_CONFIG`;
}

/** The file that a folder holds, where that was named instead. */
export function notAFile(path: string, stats: Stats): TokenwardError {
  const [inside] = stats.isDirectory() ? configurationsIn(path) : [];
  const what = stats.isDirectory() ? 'is a folder' : 'is no configuration file';
  const advice = `name the file itself: --config ${inside === undefined ? 'PATH' : join(path, inside)}`;
  return new TokenwardError('CONFIG_INVALID', `${path} ${what}; ${advice}`);
}

function configurationsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /\.(ya?ml|json)$/.test(name));
  } catch {
    return []; // not there, or closed to us: then nothing in it is meant
  }
}

/** There are no secrets in a configuration, so that everybody may read it. */
export function howToRead(path: string): string {
  const [closed] = parentsOf(path).filter((folder) => !isOpen(folder));
  const command = closed === undefined ? `chmod o+r ${path}` : `chmod o+x ${closed}`;
  return `run this as root, or let this user read it: ${command}`;
}

/** The folders above, the root first. */
function parentsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...parentsOf(parent), parent];
}

function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
