import { chmod, mkdir } from 'node:fs/promises';
import type { Mistake } from './mistake.ts';
import type { Place } from './place.ts';

/** Around a running daemon, or one that does not run. */

async function running(place: Place): Promise<void> {
  await place.startDaemon();
}

/** With a secret that was exchanged; all exchanges of this minute are used up. */
async function enrolled(place: Place): Promise<void> {
  await place.edit(['    secret:', '    max_exchanges_per_minute: 1\n    secret:']);
  await place.startDaemon();
  await handOver(place, place.servers.byName.good.createSecret(place.folder));
}

async function handOver(place: Place, secret: string): Promise<void> {
  const { exitCode, stderr } = await place.run({ typed: 'import web-01', stdin: secret });
  if (exitCode !== 0) throw new Error(stderr);
}

export const daemonMistakes: readonly Mistake[] = [
  { name: 'daemon-not-running', title: 'the daemon does not run', typed: 'token web-01', exitCode: 69 },
  {
    name: 'no-socket-configured',
    title: 'the configuration has no socket',
    typed: 'refresh web-01',
    exitCode: 78,
    edit: [/listeners:[^]*/, ''],
  },
  {
    name: 'socket-closed-to-this-user',
    title: 'this user may not connect to the socket',
    typed: 'token web-01',
    exitCode: 77,
    asStranger: true,
    prepare: async (place) => {
      await place.edit(['./tokenward.sock', './tokenward.sock\n    group: 4']);
      await running(place);
    },
  },
  {
    name: 'socket-in-a-closed-folder',
    title: 'this user may not enter the folder of the socket',
    typed: 'token web-01',
    exitCode: 77,
    asStranger: true,
    prepare: async (place) => {
      await mkdir(place.path('run'), { mode: 0o700 });
      await place.edit(['./tokenward.sock', './run/tokenward.sock']);
      await running(place);
    },
  },
  {
    name: 'user-not-allowed',
    title: 'no rule of the listener lets this user in',
    typed: 'token web-01',
    exitCode: 77,
    asStranger: true,
    prepare: async (place) => {
      await chmod(place.path('config.yaml'), 0o644);
      await running(place);
      await chmod(place.path('tokenward.sock'), 0o666);
    },
  },
  {
    name: 'token-before-enrolment',
    title: 'a token is wanted, and nothing is enrolled',
    typed: 'token web-01',
    exitCode: 75,
    prepare: running,
  },
  {
    name: 'refresh-before-enrolment',
    title: 'a refresh is wanted, and nothing is enrolled',
    typed: 'refresh web-01',
    exitCode: 75,
    prepare: running,
  },
  {
    name: 'secret-unknown-to-the-server',
    title: 'import of a secret that is spent, or of another server',
    typed: 'import web-01',
    stdin: 'A-Secret-That-Was-Pasted',
    exitCode: 77,
    prepare: running,
  },
  {
    name: 'refresh-too-often',
    title: 'refreshed too often',
    typed: 'refresh web-01',
    exitCode: 75,
    prepare: enrolled,
  },
  {
    name: 'recover-without-need',
    title: 'recover, and nothing is wrong',
    typed: 'recover web-01',
    exitCode: 0,
    prepare: enrolled,
  },
  {
    name: 'recover-before-enrolment',
    title: 'recover, and nothing is enrolled',
    typed: 'recover web-01 --yes',
    exitCode: 77,
  },
  {
    name: 'server-changed',
    title: 'url names another server than the secret is from',
    typed: 'refresh web-01',
    exitCode: 78,
    prepare: async (place) => {
      await enrolled(place);
      await place.stopDaemon();
      await place.edit([/url: .*/, 'url: https://logs.example.com']);
      await place.startDaemon();
    },
  },
  {
    name: 'rekey-of-a-credential',
    title: 'rekey, and the key is a systemd credential',
    typed: 'rekey web-01',
    exitCode: 78,
    hostEnv: { CREDENTIALS_DIRECTORY: 'FOLDER' },
    edit: ['store: file', 'store: file, credential: wrapping-key'],
    prepare: async (place) =>
      void (await place.write('wrapping-key', `${Buffer.alloc(32, 7).toString('base64')}\n`)),
  },
];
