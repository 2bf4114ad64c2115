import { remark } from './output.ts';

/** Between its creation and its storage a secret is in this process alone: an impatient Ctrl-C must not lose it. */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  process.on('SIGINT', askForPatience).on('SIGTERM', askForPatience);
  try {
    return await work();
  } finally {
    process.off('SIGINT', askForPatience).off('SIGTERM', askForPatience);
  }
}

function askForPatience(): void {
  remark('the secret is being created and stored, which ends by itself within a minute');
}
