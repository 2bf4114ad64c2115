import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { eventsIn, type ServerSentEvent } from '../../support/event-text.ts';

/** A client that keeps a stream of events open. */
export class EventClient implements Disposable {
  readonly response: IncomingMessage;
  text = '';
  /** `whole`: the server ended it in good order; `cut`: the connection broke. */
  end: 'whole' | 'cut' | null = null;

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (this.text += chunk));
    response.on('end', () => (this.end = 'whole'));
    response.on('error', () => (this.end = 'cut'));
  }

  static async open(
    socketPath: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<EventClient> {
    const asked = request({ socketPath, path, headers });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return new EventClient(response);
  }

  get events(): readonly ServerSentEvent[] {
    return eventsIn(this.text);
  }

  [Symbol.dispose](): void {
    this.response.destroy();
  }
}
