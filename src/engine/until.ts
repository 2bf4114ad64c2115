/** Resolves as soon as `holds`, which is asked at once and at every notice, or when the signal aborts. */
export async function until(
  holds: () => boolean,
  listeners: Pick<Set<() => void>, 'add' | 'delete'>,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted || holds()) return;
  await new Promise<void>((resolve) => {
    const check = () => {
      if (!signal.aborted && !holds()) return;
      listeners.delete(check);
      signal.removeEventListener('abort', check);
      resolve();
    };
    listeners.add(check);
    signal.addEventListener('abort', check);
  });
}
