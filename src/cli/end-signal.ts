/** Resolves at Ctrl-C or SIGTERM, so that a command can still tidy up. */
export function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });
}
