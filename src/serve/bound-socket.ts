/** Who may write to the socket's file, and so connect. */
export interface SocketDress {
  /** Permission bits; a client needs write permission to connect. */
  readonly mode: number;
  /** Ids; null leaves what the process makes. */
  readonly user: number | null;
  readonly group: number | null;
}

export interface BoundSocket {
  /** Takes the socket's path away, unless something else has come there since. */
  unbind(): Promise<void>;
  /** Changes owner and mode of the socket, unless something else has come to its path since. Rejects `SOCKET_UNUSABLE`. */
  dress(dress: SocketDress): Promise<void>;
}
