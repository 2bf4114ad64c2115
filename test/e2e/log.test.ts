import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Installation } from '../support/installation.ts';
import { LineTerminal } from '../support/line-terminal.ts';
import { runProgram } from '../support/run-program.ts';

/** The log of the built daemon, in each place that it may go to. */

interface Line {
  readonly level: string;
  readonly event: string;
}

describe('on a terminal', () => {
  it.each([
    ['is text in colour', {}, true],
    ['is plain text where the user wants no colour', { NO_COLOR: '1' }, false],
    ['is plain text where the terminal has no colour', { TERM: 'dumb' }, false],
  ])('%s', async (_how, env, hasColour) => {
    await using site = await Installation.create();
    const command = `${inject('node')} ${site.program} run --config ${site.configFile}`;
    const environment = { ...site.env, TERM: 'xterm', ...env };
    await using terminal = new LineTerminal(command, { cwd: site.folder, env: environment });
    await terminal.shows(/INFO.*: .*started.*"agents":\["web-01"\]/);
    expect(terminal.screen.includes('\u001B[')).toBe(hasColour);
    terminal.type('\u0003');
    await terminal.shows('stopped');
  });
});

/** Becomes the program, with one of its standard streams as the journal. */
function asJournal(stream: 1 | 2): readonly string[] {
  return ['sh', '-c', `JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/${stream}) exec "$@"`, 'sh'];
}

describe("in systemd's journal", () => {
  it('has the priority of each line, over a socket as systemd gives one', async () => {
    await using site = await Installation.create();
    const daemon = site.run({ through: asJournal(1) });
    await eventually(() => expect(daemon.output).toContain('"event":"started"'), { withinMs: 20_000 });
    const { stdout } = await daemon.end();
    const lines = stdout.trimEnd().split('\n');
    const priorities: Readonly<Record<string, string>> = {
      debug: '<7>',
      info: '<6>',
      warn: '<4>',
      error: '<3>',
    };
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const { level } = JSON.parse(line.slice(3)) as Line;
      expect(line.slice(0, 3)).toBe(priorities[level]);
    }
  });

  it('has no priorities where only the variable was inherited', async () => {
    await using site = await Installation.create();
    const daemon = site.run({ through: asJournal(2) });
    await daemon.started();
    expect((await daemon.end()).exitCode).toBe(0);
    expect(daemon.log.at(-1)).toMatchObject({ event: 'stopped' });
  });

  it('has the error that ends a start with its priority too', async () => {
    const args = [inject('program'), 'run', '--config', '/missing.yaml'];
    const journal = await runProgram(inject('node'), args, { through: asJournal(2) });
    expect(journal.stderr).toMatch(/^<3>tokenward: .*\(CONFIG_NOT_FOUND\)\n$/);
    const other = await runProgram(inject('node'), args, { through: asJournal(1) });
    expect(other.stderr).toMatch(/^tokenward: /);
  });
});

it('in a file it is JSON, a line each', async () => {
  await using site = await Installation.create();
  const path = join(site.folder, 'log');
  const fd = openSync(path, 'a');
  const { dev, ino } = fstatSync(fd);
  const child = spawn(inject('node'), [site.program, 'run', '--config', site.configFile], {
    stdio: ['ignore', fd, 'inherit'],
    env: { ...site.env, JOURNAL_STREAM: `${dev}:${ino}1` },
  });
  closeSync(fd);
  const ended = once(child, 'exit');
  await using _ = endOf(child, ended);
  await eventually(() => expect(readFileSync(path, 'utf8')).toContain('started'), { withinMs: 20_000 });
  child.kill();
  await ended;
  const events = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as Line).event);
  expect(events.at(-1)).toBe('stopped');
});

it('a reader that has stopped holds up nothing: tokens are served, and secrets rotate', async () => {
  await using site = await Installation.create({ agent: `web-${'0'.repeat(59)}` });
  const path = join(site.folder, 'log');
  await runProgram('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  const child = spawn(inject('node'), [site.program, 'run', '--config', site.configFile], {
    stdio: ['ignore', writer, 'inherit'],
    env: site.env,
  });
  closeSync(writer);
  const ended = once(child, 'exit');
  await using _ = endOf(child, ended);
  await eventually(() => site.client.statuses(), { withinMs: 20_000 });
  await site.provision();
  // Each rotation is some 800 bytes of lines.
  for (let rotation = 0; rotation < 100; rotation++) await site.client.refresh(site.agent);
  await site.reaches({ state: 'active', secret: { generation: 101 } });
  // Linux takes 64 KiB before a writer has to wait (pipe(7)): the pipe was full, and nobody waited.
  expect(readSync(reader, Buffer.alloc(1024 * 1024))).toBeGreaterThan(62 * 1024);
  closeSync(reader);
  child.kill();
  expect(await ended).toEqual([0, null]);
});

/** Sees to it that a failed test leaves no process. */
function endOf(child: ChildProcess, ended: Promise<unknown>): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A way to the server that can be closed. */
class Gate implements AsyncDisposable {
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  private constructor(to: number) {
    this.#to = to;
  }

  static async to(url: string): Promise<Gate> {
    const gate = new Gate(Number(new URL(url).port));
    await gate.open();
    return gate;
  }

  async open(): Promise<void> {
    this.#server = createServer((client) => {
      const server = connect(this.#to, '127.0.0.1');
      for (const socket of [client, server]) this.#sockets.add(socket.on('error', () => socket.destroy()));
      client.pipe(server).pipe(client);
    }).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (this.#server === null) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    this.#server = null;
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

it('a server that is away is told once, however often it is tried; its return sums it up', async () => {
  await using site = await Installation.create();
  await using gate = await Gate.to(site.emulator.url);
  await site.configure({ agent: { url: `https://127.0.0.1:${gate.port}` } });
  const daemon = site.run();
  await daemon.started();
  await site.provision();
  await site.reaches({ state: 'active' });

  await gate.close();
  for (let tries = 0; tries < 25; tries++) {
    await expect(site.client.refresh(site.agent)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  }
  const failed = daemon.events('not-connected');
  expect(failed.length).toBeGreaterThanOrEqual(25);
  expect(failed.filter(({ level }) => level !== 'debug')).toEqual([failed[0]]);
  expect(failed.at(-1)).toMatchObject({ level: 'debug', failures: failed.length });
  const alerts = () => daemon.events('alert-firing').map(({ code }) => code);
  expect(alerts()).toEqual(['SERVER_UNREACHABLE']);
  expect(daemon.events('refresh-requested').length).toBeLessThanOrEqual(11);

  await gate.open();
  await site.client.refresh(site.agent);
  const granted = await daemon.logged('exchange-granted', { generation: 1 });
  expect(granted['failures']).toBeGreaterThanOrEqual(failed.length);
  expect(granted['failing_ms']).toBeGreaterThan(0);
  await daemon.logged('alert-resolved', { code: 'SERVER_UNREACHABLE' });
  await daemon.end();
  const requested = daemon.events('refresh-requested').length;
  expect(daemon.events('log-suppressed')).toMatchObject([
    {
      level: 'info',
      event_suppressed: 'refresh-requested',
      count: 26 - requested,
      uids: [process.geteuid?.()],
    },
  ]);
});
