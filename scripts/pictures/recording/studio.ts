import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Terminal } from '../../../test/support/terminal.ts';
import { build } from '../../build.ts';
import { Camera } from './camera.ts';
import { cleaner } from './clean.ts';

/** The built program in a real terminal, with a camera before it. */
export interface Studio extends AsyncDisposable {
  /** The built `tokenward.js`. */
  readonly program: string;
  readonly terminal: Terminal;
  readonly camera: Camera;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** `env`: of the shell in the terminal, which has `tokenward` as a command. */
export async function openStudio(size: Size, env: Readonly<Record<string, string>> = {}): Promise<Studio> {
  await using making = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-studio-'));
  making.defer(() => rm(folder, { recursive: true, force: true }));
  const dist = join(folder, 'dist');
  await build(dist);
  const program = join(dist, 'tokenward.js');
  const terminal = making.use(
    await Terminal.open({
      ...size,
      // no keychain answers, and the zone is the one that is cleaned
      env: { TMPDIR: '/tmp', TZ: 'UTC', DBUS_SESSION_BUS_ADDRESS: '', ...env },
      commands: { tokenward: [process.execPath, program] },
    }),
  );
  const camera = new Camera(terminal, cleaner(new Date()));
  const made = making.move();
  return { program, terminal, camera, [Symbol.asyncDispose]: () => made.disposeAsync() };
}
