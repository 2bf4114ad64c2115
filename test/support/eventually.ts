/**
 * Waits until `check` neither throws nor rejects, and resolves to its answer. Rejects with its last failure when `withinMs`
 * milliseconds have passed. It is looked at every `everyMs` milliseconds. What a test waits for is written as expectations, never as a pause.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs = 5_000, everyMs = 10 } = {},
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
