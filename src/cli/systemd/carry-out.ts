import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { TokenwardError } from '../../domain/errors.ts';
import { errorCode } from '../../platform/system-error.ts';
import type { Step } from './plan.ts';

/** What became of a step, or would become of it. */
export interface Done {
  readonly what:
    | 'made'
    | 'wrote'
    | 'replaced'
    | 'removed'
    | 'ran'
    | 'kept'
    /** It was so before. */
    | 'unchanged';
  readonly subject: string;
}

/** Commands that look things up or wait for units; milliseconds. */
const commandTimeoutMs = 120_000;

/**
 * Carries a step out, or only looks what there would be to do (`dryRun`). Done again, it changes nothing. Rejects
 * `INSTALL_FAILED`.
 */
export async function carryOut(step: Step, dryRun: boolean): Promise<Done> {
  try {
    switch (step.do) {
      case 'folder':
        return await makeFolder(step, dryRun);
      case 'file':
        return await putFile(step, dryRun);
      case 'run':
        return await runCommand(step, dryRun);
      case 'remove':
        return await removeFile(step, dryRun);
      case 'remove-folder':
        return await removeFolder(step, dryRun);
    }
  } catch (error) {
    throw error instanceof TokenwardError ? error : failed(step, error);
  }
}

type StepOf<Kind extends Step['do']> = Extract<Step, { do: Kind }>;

/** One that is there stays as it is: it may be the host's, or somebody chose another mode. */
async function makeFolder({ path, mode }: StepOf<'folder'>, dryRun: boolean): Promise<Done> {
  const found = await stat(path).catch(absent);
  if (found !== null) return { what: 'unchanged', subject: path };
  if (!dryRun) {
    await mkdir(path, { recursive: true, mode: 0o755 });
    await chmod(path, mode);
  }
  return { what: 'made', subject: path };
}

async function putFile({ path, mode, content, keep }: StepOf<'file'>, dryRun: boolean): Promise<Done> {
  const found = await readFile(path, 'utf8').catch(absent);
  if (found !== null && keep) return { what: found === content ? 'unchanged' : 'kept', subject: path };
  if (found === content) return { what: 'unchanged', subject: path };
  if (!dryRun) {
    // As a whole: systemd may read it at any time.
    const temporary = `${path}.tokenward-new`;
    await writeFile(temporary, content, { mode, flag: 'w' });
    await chmod(temporary, mode);
    await rename(temporary, path);
  }
  return { what: found === null ? 'wrote' : 'replaced', subject: path };
}

async function runCommand({ command, tolerant }: StepOf<'run'>, dryRun: boolean): Promise<Done> {
  const subject = command.join(' ');
  if (dryRun) return { what: 'ran', subject };
  const [program = '', ...args] = command;
  try {
    await promisify(execFile)(program, args, { timeout: commandTimeoutMs });
    return { what: 'ran', subject };
  } catch (error) {
    // What it undoes is undone, or was never there.
    if (tolerant) return { what: 'unchanged', subject };
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
    const reason = said === undefined || said === '' ? (errorCode(error) ?? 'it failed') : said;
    const message = `${subject} did not work: ${reason}; mend that and run the same command again`;
    throw new TokenwardError('INSTALL_FAILED', message, { cause: error });
  }
}

async function removeFile({ path, content }: StepOf<'remove'>, dryRun: boolean): Promise<Done> {
  const found = await readFile(path, 'utf8').catch(absent);
  if (found === null) return { what: 'unchanged', subject: path };
  if (content !== null && found !== content) return { what: 'kept', subject: path };
  if (!dryRun) await rm(path);
  return { what: 'removed', subject: path };
}

async function removeFolder({ path, whole }: StepOf<'remove-folder'>, dryRun: boolean): Promise<Done> {
  const found = await stat(path).catch(absent);
  if (found === null) return { what: 'unchanged', subject: path };
  if (dryRun) return { what: 'removed', subject: path };
  try {
    await (whole ? rm(path, { recursive: true }) : rmdir(path));
    return { what: 'removed', subject: path };
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY') return { what: 'kept', subject: path };
    throw error;
  }
}

/** Only of what is not there. */
function absent(error: unknown): null {
  if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
  throw error;
}

function failed(step: Step, error: unknown): TokenwardError {
  const subject = step.do === 'run' ? step.command.join(' ') : step.path;
  const reason = errorCode(error) ?? 'unknown error';
  const advice =
    reason === 'EACCES' || reason === 'EPERM' || reason === 'EROFS'
      ? 'run it as root, on a file system that can be written, or add --user, or --root DIR for a package'
      : 'see to it and run the same command again';
  return new TokenwardError('INSTALL_FAILED', `${subject} cannot be changed (${reason}); ${advice}`, {
    cause: error,
  });
}
