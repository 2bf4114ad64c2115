/** What a key of the configuration means. */
export interface Description {
  readonly text: string;
  /** What may stand there, where no default shows it. */
  readonly examples?: readonly unknown[];
}

export const text = (words: string, ...examples: readonly unknown[]): Description => ({
  text: words,
  ...(examples.length > 0 && { examples }),
});
