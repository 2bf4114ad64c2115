import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
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
  const server = `server {
    listen unix:${socketPath};
    root ${folder}/root;
  }`;
  const running = await runNginx(site, server, socketPath);
  return { socketPath, path: '/token', [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** nginx with these servers. Resolves when somebody listens at `place`, a socket's path or `host:port`. */
export async function runNginx(site: Site, servers: string, place: string): Promise<AsyncDisposable> {
  const folder = await site.newFolder();
  const configFile = join(folder, 'nginx.conf');
  await writeFile(configFile, configuration(folder, servers));
  const child = spawn('nginx', ['-c', configFile, '-e', join(folder, 'error.log')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
  });
  while (!(await isListening(place))) {
    if (child.exitCode !== null) throw new Error(`nginx has ended with exit code ${child.exitCode}`);
    await pause(10);
  }
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
    },
  };
}

async function isListening(place: string): Promise<boolean> {
  const [host, port] = place.split(':');
  const socket = place.startsWith('/') ? connect(place) : connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Everything that is not about where files lie is nginx's default, with two exceptions to its advantage: it writes no access
 * log (tokenward has none either), and never ends a connection after so many requests.
 */
function configuration(folder: string, servers: string): string {
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
  ${servers}
}
`;
}
