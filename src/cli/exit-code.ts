import { reportFailure } from './failure.ts';

/** The exit code of a process whose whole work this is. A failure is told to the user. Never rejects. */
export async function exitCodeOf(work: Promise<void>, env: NodeJS.ProcessEnv): Promise<number> {
  try {
    await work;
    return 0;
  } catch (error) {
    return reportFailure(error, env);
  }
}
