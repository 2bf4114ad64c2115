import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject } from 'vitest';

interface Commands {
  readonly open: {
    readonly socketPath: string;
    /** Of the agent, such as `/v1/agents/web-01`. */
    readonly path: string;
    readonly pollers: number;
    readonly followers: number;
  };
  readonly await: { readonly sequence: number };
  readonly close: object;
}

export type Command<Name extends keyof Commands = keyof Commands> = {
  readonly [Each in Name]: Commands[Each] & { readonly do: Each };
}[Name];

/** What a command brought. */
export interface Report {
  /** How many clients were told which sequences, in which order. */
  readonly histories?: Readonly<Record<string, number>>;
}

/** Clients in a process of their own, so that theirs is not the time that the daemon takes. */
export class ManyClients implements AsyncDisposable {
  readonly #process = fork(join(import.meta.dirname, 'fixtures/watching-clients.ts'), {
    execPath: inject('node'),
  });
  readonly #ended = once(this.#process, 'exit');

  /** Resolves when all are connected and know the present token. */
  async open(options: Commands['open']): Promise<void> {
    await this.#obeyed({ do: 'open', ...options });
  }

  /** Resolves when every client has been told of the sequence. */
  async reach(sequence: number): Promise<void> {
    await this.#obeyed({ do: 'await', sequence });
  }

  /** Everybody goes at once. Resolves to how many were told which sequences. */
  async close(): Promise<Readonly<Record<string, number>>> {
    const { histories = {} } = await this.#obeyed({ do: 'close' });
    return histories;
  }

  async #obeyed(command: Command): Promise<Report> {
    const reported = once(this.#process, 'message') as Promise<[Report]>;
    this.#process.send(command);
    const ended = this.#ended.then((): never => {
      throw new Error('the clients have ended; see what they wrote');
    });
    const [report] = await Promise.race([reported, ended]);
    return report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#ended;
  }
}
