import { statSync } from 'node:fs';
import { DaemonClient } from '../../client/daemon-client.ts';
import { TokenwardError } from '../../domain/errors.ts';
import type { AgentStatus } from '../../domain/status.ts';
import { formatSpan } from '../format.ts';
import type { Narrator } from './narrator.ts';
import { postEvents } from './post-events.ts';
import { curl, DaemonProcess, tokenward } from './programs.ts';
import type { Stage } from './stage.ts';

/** The story that the demo tells, one function a chapter. Every claim is checked; a chapter that fails ends the demo. */
export class Story {
  readonly #stage: Stage;
  readonly #narrator: Narrator;
  readonly #client: DaemonClient;
  #daemon: DaemonProcess | null = null;
  #command: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(stage: Stage, narrator: Narrator) {
    this.#stage = stage;
    this.#narrator = narrator;
    this.#client = new DaemonClient(stage.socket);
  }

  /** Ends what runs, in the middle of a chapter too: nothing is started, stored or written any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all([this.#daemon?.end('SIGTERM'), this.#command]);
  }

  server(): void {
    const { emulator, store } = this.#stage;
    this.#narrator.step('A log server');
    this.#narrator.say(
      `The emulator stands in for VCF Operations for Logs: ${emulator.url}, with a CA made for this minute.`,
      'It is strict: each exchange hands out a new secret and kills the old one. Lose the answer, and the agent is locked out.',
      store === 'keychain'
        ? 'Secrets will be kept in the OS keychain, which answers here.'
        : 'Secrets will be kept in a sealed file, as no OS keychain answers here.',
    );
    this.#narrator.result('secret store', store === 'keychain' ? 'OS keychain' : 'sealed file');
  }

  async enroll(): Promise<void> {
    this.#narrator.step('Enrol the agent');
    this.#narrator.say(
      'An administrator creates the secret at the server; it goes straight into the store and is never shown.',
    );
    await this.#run('enroll', this.#stage.agent, '--admin-token-file', this.#stage.adminTokenFile);
  }

  async start(): Promise<void> {
    this.#narrator.step('Run the daemon');
    this.#daemon = this.#startDaemon();
    const status = await this.#until((each) => each.state === 'active');
    this.#narrator.say(
      `Process ${this.#daemon.pid} exchanged the secret: token ${status.token.sequence}, valid for ${span(status)}.`,
      'The new secret was on disk before anybody could see the token.',
    );
    this.#narrator.result('first token', `sequence ${status.token.sequence}, ${span(status)} to live`);
  }

  async fetchToken(): Promise<void> {
    const { socket, agent, tokenFile } = this.#stage;
    const url = `http://localhost/v1/agents/${agent}/token`;
    this.#narrator.step('Ask for the token, as a shipper would');
    this.#narrator.command(`curl --silent --unix-socket ${socket} ${url}`);
    const ran = await curl('--silent', '--unix-socket', socket, url);
    if (ran === null)
      this.#narrator.say('(curl is not installed here; the same request was made without it)');
    const { length, details } = ran === null ? await this.#askWithoutCurl() : readAnswer(ran.output);
    const shown = JSON.stringify({ access_token: `… (${length} characters)`, ...details });
    // a blank after each comma, where a narrow terminal may break it
    this.#narrator.say(shown.replaceAll(',"', ', "'));
    this.#narrator.say(
      'Who may ask is decided by the kernel: it names the caller at connect time, and the rules in `allow` decide.',
    );
    const { mode, size } = statSync(tokenFile);
    this.#narrator.say(
      `The same token is in ${tokenFile} (mode 0${(mode & 0o777).toString(8)}, ${size} bytes, no newline).`,
    );
    expect(size === length, 'the token file holds the token');
    this.#narrator.result('served', 'Unix socket and token file');
  }

  async rotate(): Promise<void> {
    this.#narrator.step('Rotate twice');
    const before = await this.#status();
    for (const _ of [1, 2]) await this.#run('refresh', this.#stage.agent);
    const { secret } = await this.#status();
    expect(secret.generation === before.secret.generation + 2, 'two rotations');
    this.#narrator.say(
      `Generation ${before.secret.generation} became ${secret.generation}; the secrets before it are dead at the server.`,
    );
    this.#narrator.result('rotations', `generation ${secret.generation}, no answer lost`);
  }

  async kill(): Promise<void> {
    this.#narrator.step('Kill the daemon, and start it again');
    const before = { exchanges: this.#exchanges(), ...(await this.#status()).token };
    await this.#daemon?.end('SIGKILL');
    this.#daemon = this.#startDaemon();
    const { token } = await this.#until((each) => each.state === 'active');
    expect(
      this.#exchanges() === before.exchanges && token.fingerprint === before.fingerprint,
      'no exchange at the restart',
    );
    this.#narrator.say(
      'SIGKILL gives no time to save anything, and nothing needed saving: the sealed session is still good.',
      'Exchanges caused by the restart: 0.',
    );
    this.#narrator.result('SIGKILL and restart', '0 exchanges, the same token');
  }

  async ingest(): Promise<void> {
    this.#narrator.step('Send log events with the served token');
    const { token } = await this.#client.token(this.#stage.agent);
    const status = await postEvents(this.#stage, token, ['disk is fine', 'all quiet', 'nothing to see']);
    const { events } = this.#stage.emulator.state();
    expect(status === 200 && events.accepted === 3, 'the server takes the events');
    this.#narrator.say(`The server answered ${status} and has accepted ${events.accepted} events.`);
    this.#narrator.result('log events', `${events.accepted} accepted, ${events.rejected} rejected`);
  }

  async revoke(): Promise<void> {
    const { agent, emulator } = this.#stage;
    this.#narrator.step('An administrator revokes the secret');
    emulator.revoke(agent);
    await tokenward(this.#stage, 'refresh', agent);
    const status = await this.#until((each) => each.state === 'revoked');
    const [alert] = status.alerts;
    this.#narrator.say(`alert ${alert?.code ?? ''} (${alert?.severity ?? ''}): ${alert?.summary ?? ''}`);
    const { token } = await this.#client.token(agent);
    const answer = await postEvents(this.#stage, token, ['still here']);
    expect(answer === 200, 'the token of a revoked secret still works');
    this.#narrator.say(
      `Tokens already issued live on, so shippers keep working for ${span(status)}; the last event was accepted too.`,
    );
    this.#narrator.result(
      'revocation',
      `${alert?.code ?? ''} at once, token served for ${span(status)} more`,
    );
  }

  async enrollAgain(): Promise<void> {
    this.#narrator.step('Enrol again, while the daemon runs');
    await this.#run('enroll', this.#stage.agent, '--admin-token-file', this.#stage.adminTokenFile);
    const status = await this.#until((each) => each.state === 'active');
    expect(status.alerts.length === 0, 'the alert is resolved');
    this.#narrator.say(
      `Generation ${status.secret.generation}, token ${status.token.sequence}; the alert is resolved, nobody was disconnected.`,
    );
    this.#narrator.result('new enrolment', `generation ${status.secret.generation}, alert resolved`);
  }

  async #askWithoutCurl(): Promise<Shown> {
    const { token, details } = await this.#client.token(this.#stage.agent);
    return { length: token.reveal().length, details };
  }

  #startDaemon(): DaemonProcess {
    this.#expectNotOver();
    return new DaemonProcess(this.#stage);
  }

  #expectNotOver(): void {
    expect(!this.#isOver, 'nobody tells on after the end');
  }

  #exchanges(): number {
    return this.#stage.emulator.state().exchanges.total;
  }

  async #run(...args: readonly string[]): Promise<void> {
    this.#expectNotOver();
    this.#narrator.command(`tokenward ${args.join(' ')}`);
    const ran = tokenward(this.#stage, ...args);
    this.#command = ran;
    const { exitCode, output } = await ran;
    this.#narrator.say(output);
    expect(exitCode === 0, `tokenward ${args[0]} succeeds`);
  }

  async #status(): Promise<AgentStatus> {
    return this.#client.status(this.#stage.agent);
  }

  /** Asks until the status fits; a daemon that is just starting is asked again. */
  async #until(fits: (status: AgentStatus) => boolean): Promise<AgentStatus> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const status = await this.#status().catch(whileStarting);
      if (status !== null && fits(status)) return status;
      expect(
        Date.now() < deadline,
        `the daemon gets there in time (it is ${status?.state ?? 'not reachable'})`,
      );
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/** The answer of the token route, fit to be shown: how long the token is, not what it is. */
interface Shown {
  readonly length: number;
  readonly details: object;
}

function readAnswer(json: string): Shown {
  const { access_token: text, ...details } = JSON.parse(json) as { access_token: string };
  return { length: text.length, details };
}

function whileStarting(error: unknown): null {
  if (error instanceof TokenwardError && error.code === 'DAEMON_NOT_RUNNING') return null;
  throw error;
}

function span({ token }: AgentStatus): string {
  return formatSpan(token.expires_in ?? 0);
}

/** A claim of the story; a false one is a bug. */
function expect(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new TokenwardError('INTERNAL', `the demo expected that ${claim}; please report this`);
}
