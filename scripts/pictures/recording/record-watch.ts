import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setStage, type Stage } from '../../../src/cli/demo/stage.ts';
import { runProgram } from '../../../test/support/run-program.ts';
import { filmPicture } from './film-picture.ts';
import { filmOf } from './film.ts';
import { openStudio, type Studio } from './studio.ts';

const size = { columns: 104, rows: 15 };

/** `tokenward status --watch`, while a day's troubles go by in another terminal. */
export async function recordWatch(): Promise<string> {
  await using stage = await setStage(async () => false);
  await writeFile(stage.configFile, configuration(stage));
  await using studio = await openStudio(size, { TOKENWARD_CONFIG: stage.configFile });
  await using scene = new Scene(stage, studio);
  const frames = await play(scene, studio);
  return filmPicture(filmOf(frames), {
    ...size,
    name: 'tokenward status --watch',
    title: 'tokenward status --watch, recorded',
    description:
      'A terminal in which tokenward status --watch follows three agents, while one is enrolled, a secret is revoked and enrolled again, and the daemon is killed and started again.',
  });
}

async function play(scene: Scene, { terminal, camera }: Studio) {
  for (const agent of ['web-01', 'web-02']) await scene.enroll(agent);
  await scene.startDaemon();
  camera.start();
  await terminal.enter('tokenward status --watch');
  await terminal.shows(/web-02 +active/);

  scene.tell('in another terminal: tokenward enroll db-01 --admin-token-file admin.token');
  await scene.enroll('db-01');
  await terminal.shows(/db-01 +active/);

  scene.tell('at the server, an administrator revokes the secret of web-02, and its next refresh is refused');
  await scene.revoke('web-02');
  await terminal.shows(/web-02 +revoked/);

  scene.tell('in another terminal: tokenward enroll web-02 --admin-token-file admin.token');
  await scene.enroll('web-02');
  await terminal.shows(/web-02 +active/);

  scene.tell('kill -9: the daemon is gone; the state folder and the locks tell what is known without it');
  await scene.endDaemon('SIGKILL');
  await terminal.shows(/no daemon answers/);

  scene.tell('the daemon is started again: the tokens are served on, and nothing was exchanged for it');
  await scene.startDaemon();
  await terminal.shows(/web-02 +active/);
  return camera.stop();
}

/** What happens while the camera runs. */
class Scene implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #studio: Studio;
  #daemon: ChildProcess | null = null;

  constructor(stage: Stage, studio: Studio) {
    this.#stage = stage;
    this.#studio = studio;
  }

  tell(caption: string): void {
    this.#studio.camera.caption = caption;
  }

  async enroll(agent: string): Promise<void> {
    await this.#command(0, 'enroll', agent, '--admin-token-file', this.#stage.adminTokenFile);
  }

  async revoke(agent: string): Promise<void> {
    this.#stage.emulator.revoke(agent);
    await this.#command(77, 'refresh', agent);
  }

  async startDaemon(): Promise<void> {
    this.#daemon = spawn(process.execPath, this.#arguments('run'), { stdio: 'ignore' });
    await once(this.#daemon, 'spawn');
  }

  async endDaemon(signal: NodeJS.Signals): Promise<void> {
    if (this.#daemon === null) return;
    const ended = once(this.#daemon, 'exit');
    this.#daemon.kill(signal);
    this.#daemon = null;
    await ended;
  }

  async #command(exitCode: number, ...args: readonly string[]): Promise<void> {
    const ran = await runProgram(process.execPath, this.#arguments(...args));
    if (ran.exitCode !== exitCode)
      throw new Error(`${args.join(' ')} ended with ${ran.exitCode}: ${ran.stderr}`);
  }

  #arguments(...args: readonly string[]): string[] {
    return [this.#studio.program, ...args, '--config', this.#stage.configFile];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endDaemon('SIGTERM');
  }
}

function configuration({ emulator, caFile, socket }: Stage): string {
  const agent = {
    provider: 'vcf-logs',
    url: emulator.url,
    tls: { ca_file: caFile },
    secret: { store: 'file' },
  };
  // JSON is YAML
  return JSON.stringify({
    state_dir: 'state',
    allow_ephemeral: true,
    agents: {
      'web-01': agent,
      'web-02': { ...agent, ttl: '10m' },
      'db-01': { ...agent, ttl: '2h' },
    },
    listeners: [
      { unix: socket, allow: [{ user: process.geteuid?.() ?? 0, may: ['token', 'status', 'admin'] }] },
    ],
  });
}
