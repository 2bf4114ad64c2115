/** One server-sent event as a client takes it. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Of the newest event that had one, this one included. */
  readonly id: string | null;
}

/** The whole events in a stream's text (WHATWG HTML §9.2.6), without comments and `retry`. */
export function eventsIn(text: string): readonly ServerSentEvent[] {
  let id: string | null = null;
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
      id = fields.get('id') ?? id;
      const event = fields.get('event');
      const data = fields.get('data') ?? 'null';
      return event === undefined ? [] : [{ event, data: JSON.parse(data) as ServerSentEvent['data'], id }];
    });
}
