import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from './site.ts';

/** nginx as the measure of throughput: one process that serves one file on a Unix socket. */
export interface Nginx extends AsyncDisposable {
  readonly socketPath: string;
  /** Where the file is. */
  readonly path: string;
}

export async function startNginx(site: Site, file: Buffer): Promise<Nginx> {
  const folder = await site.newFolder();
  const socketPath = join(folder, 'socket');
  await mkdir(join(folder, 'root'), { mode: 0o755 });
  await writeFile(join(folder, 'root/token'), file, { mode: 0o644 });
  const configFile = join(folder, 'nginx.conf');
  await writeFile(configFile, configuration(folder, socketPath));
  const child = spawn('nginx', ['-c', configFile, '-e', join(folder, 'error.log')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  });
  while (!existsSync(socketPath)) {
    if (child.exitCode !== null) throw new Error(`nginx has ended with exit code ${child.exitCode}`);
    await pause(10);
  }
  const end = async (): Promise<void> => {
    const ended = once(child, 'exit');
    if (child.kill()) await ended;
  };
  return { socketPath, path: '/token', [Symbol.asyncDispose]: end };
}

/**
 * Everything that is not about where files lie is nginx's default, with two exceptions to its advantage: it writes no access
 * log (tokenward has none either), and never ends a connection after so many requests.
 */
function configuration(folder: string, socketPath: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
${process.geteuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  keepalive_requests 1000000000;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen unix:${socketPath};
    root ${folder}/root;
  }
}
`;
}
