/** Owner of a file, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner that our files get where none is configured: it depends on the folder (set-group-ID) and on the file system,
 * so it is read off the files just written. A new one is believed only when two writes in a row ended with it: once alone,
 * it may be a stranger's chown in the instant after our write.
 */
export class LearnedOwner {
  #owner: Owner | null = null;
  #latest: Owner | null = null;

  /** Takes the owner of a file just written, null where it is gone already. Answers with the owner that it should have. */
  learn(written: Owner | null): Owner | null {
    if (written === null) return this.#owner;
    const confirmed = this.#latest?.uid === written.uid && this.#latest.gid === written.gid;
    if (this.#owner === null || confirmed) this.#owner = written;
    this.#latest = written;
    return this.#owner;
  }
}
