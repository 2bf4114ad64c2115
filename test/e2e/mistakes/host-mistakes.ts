import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Mistake } from './mistake.ts';

/** Somebody else at the address; for as long as it is not disposed. */
async function occupied(address: string | number): Promise<AsyncDisposable> {
  const server =
    typeof address === 'number'
      ? createServer().listen(address, '127.0.0.1')
      : createServer().listen(address);
  await once(server, 'listening');
  return server;
}

const credential = ['store: file', 'store: file, credential: wrapping-key'] as const;

export const hostMistakes: readonly Mistake[] = [
  {
    name: 'state-folder-missing',
    title: 'the state folder has no folder to be in',
    typed: 'run',
    exitCode: 78,
    edit: ['./state', './no/such/state'],
  },
  {
    name: 'state-folder-of-another-user',
    title: 'another user owns the state folder',
    typed: 'run',
    exitCode: 78,
    asStranger: true,
    prepare: async (place) => {
      await mkdir(place.path('state'), { mode: 0o700 });
      await chmod(place.path('config.yaml'), 0o644);
    },
  },
  {
    name: 'state-folder-not-makeable',
    title: 'the user of the daemon may not make the state folder',
    typed: 'run',
    exitCode: 78,
    asStranger: true,
    prepare: (place) => chmod(place.path('config.yaml'), 0o644),
  },
  {
    name: 'state-folder-in-memory',
    title: 'the state folder is on a file system that forgets',
    typed: 'check',
    exitCode: 78,
    edit: [/.*\n.*/, 'state_dir: /dev/shm/tokenward-mistake'],
  },
  {
    name: 'state-folder-is-a-file',
    title: 'a file is where the state folder shall be',
    typed: 'run',
    exitCode: 78,
    prepare: async (place) => void (await place.write('state', '')),
  },
  {
    name: 'token-file-without-folder',
    title: 'the folder of a token file is missing',
    typed: 'check',
    exitCode: 78,
    edit: ['./web-01.token', './shipper/web-01.token'],
  },
  {
    name: 'socket-without-folder',
    title: 'the folder of the socket is missing',
    typed: 'run',
    exitCode: 78,
    edit: ['./tokenward.sock', './run/tokenward.sock'],
  },
  {
    name: 'socket-place-taken-by-a-file',
    title: 'something that is no socket is where it shall be',
    typed: 'run',
    exitCode: 78,
    prepare: async (place) => void (await place.write('tokenward.sock', '')),
  },
  {
    name: 'socket-in-use',
    title: 'another process has the socket',
    typed: 'run',
    exitCode: 75,
    prepare: (place) => occupied(place.path('tokenward.sock')),
  },
  {
    name: 'port-in-use',
    title: 'another process has the port',
    typed: 'run',
    exitCode: 75,
    edit: ['listeners:', 'listeners:\n  - tcp: 127.0.0.1:PORT-OF-plain\n    serves: [metrics]'],
  },
  {
    name: 'address-of-another-host',
    title: 'an address that this host does not have',
    typed: 'run',
    exitCode: 78,
    edit: ['listeners:', 'listeners:\n  - tcp: 192.0.2.1:9464\n    serves: [metrics]'],
  },
  {
    name: 'key-file-open-to-all',
    title: 'others may read the key file',
    typed: 'check',
    exitCode: 78,
    edit: ['store: file', 'store: file, key_file: ./wrapping.key'],
    prepare: async (place) =>
      void (await place.write('wrapping.key', `${randomBytes(32).toString('base64')}\n`, 0o644)),
  },
  {
    name: 'key-file-of-something-else',
    title: 'the key file holds no key',
    typed: 'check',
    exitCode: 78,
    edit: ['store: file', 'store: file, key_file: ./wrapping.key'],
    prepare: async (place) => void (await place.write('wrapping.key', 'a passphrase\n')),
  },
  {
    name: 'credential-without-unit',
    title: 'a systemd credential outside of the unit',
    typed: 'import web-01',
    stdin: 'A-Secret-That-Was-Pasted\n',
    exitCode: 78,
    edit: credential,
  },
  {
    name: 'credential-of-another-name',
    title: 'LoadCredential has another name',
    typed: 'check',
    exitCode: 78,
    edit: credential,
    hostEnv: { CREDENTIALS_DIRECTORY: 'FOLDER' },
  },
  {
    name: 'no-keychain',
    title: 'a keychain on a host without a desktop',
    typed: 'import web-01',
    stdin: 'A-Secret-That-Was-Pasted\n',
    exitCode: 69,
    edit: ['store: file', 'store: keychain'],
    needs: ['libsecret-1-0'],
  },
];
