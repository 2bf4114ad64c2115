/**
 * Where sealed records go that cannot be used any more and that nobody may destroy: a folder of its own, named by the time,
 * beside the agent's files. Nothing reads it again; a person may. Every call is durable on return and may be repeated.
 */
export interface Attic {
  /** Its path, for people. It is made by the first record that goes there. */
  readonly place: string;
  /** Moves a file of the agent's folder there as it is; an absent one is no error. */
  move(name: string): Promise<void>;
  /** Writes down what another place holds, as it is there. */
  keep(name: string, content: Uint8Array): Promise<void>;
}
