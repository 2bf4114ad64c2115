/** Resolves when `signal` fires; stops listening when `end` does. */
export function abortOf(signal: AbortSignal, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true, signal: end });
  });
}
