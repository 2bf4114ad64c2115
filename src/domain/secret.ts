/**
 * A credential on its way through the program: an agent's secret, an access token, an admin credential.
 * It prints as `[secret]` wherever a program prints by accident (string conversion, JSON, `console.log`), so that
 * only a call to {@link Secret.reveal} can put the text anywhere. Reviewers search for that call.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Call it only where the credential leaves for its server, its store or its rightful reader. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  /** What `console.log` and `util.inspect` of Node ask for; the symbol is global, so no import is needed. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** SHA-256 of a credential's text as `sha256:<64 hex digits>`. Safe to log: it names a credential without giving it away. */
export type Fingerprint = `sha256:${string}`;

/** A credential together with its name. Computing a fingerprint needs a hash function, so the edge does it once. */
export interface Credential {
  readonly text: Secret;
  readonly fingerprint: Fingerprint;
}
