/** The keys of a terminal, one by one; only what a watch needs. */

const interrupt = '\u0003'; // Ctrl-C
const suspend = '\u001A'; // Ctrl-Z

export interface KeyActions {
  readonly quit: () => void;
  readonly suspend: () => void;
}

/** Starts to listen where standard input is a terminal; the function that it returns gives it back as it was. */
export function listenToKeys({ quit, suspend: stop }: KeyActions): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const onData = (chunk: Buffer) => {
    for (const key of chunk.toString('latin1')) {
      if (key === 'q' || key === 'Q' || key === interrupt) return quit();
      if (key === suspend) return stop();
    }
  };
  stdin.setRawMode(true);
  stdin.on('data', onData).resume();
  return () => {
    stdin.off('data', onData);
    stdin.pause();
    stdin.setRawMode(false);
  };
}
