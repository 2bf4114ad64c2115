import { pino, stdTimeFunctions, symbols, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from '../domain/log-events.ts';
import type { Log, LogFields } from '../ports/log.ts';
import { describeError } from './error-fields.ts';
import { isJournal, journalPrefixes } from './journal-stream.ts';
import { LineSink } from './line-sink.ts';

/**
 * The log: one JSON object per line on standard output, pretty where that is a terminal, with a priority before it where it is
 * systemd's journal. Lines are written before the call returns, so nothing is left to flush at an exit.
 */

/** From the least important to the most. */
const LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[];

/** The log of the whole process. */
export interface RootLog extends Log {
  /** Lines below `level` are not written from now on, whichever child log they come through. */
  setLevel(level: LogLevel): void;
}

/**
 * `json`: for programs. `journal`: the same, with the priority that systemd's journal understands. `text` and `colours`: for
 * people; these load pino-pretty, which a service never needs.
 */
export type LogForm = 'json' | 'journal' | 'text' | 'colours';

export interface LogOptions {
  readonly level: LogLevel;
  readonly form: LogForm;
  /** Where lines go; standard output where absent. */
  readonly destination?: DestinationStream;
}

/** The form for this process's standard output. */
export function standardLogForm(env: NodeJS.ProcessEnv): LogForm {
  // Only this look at the stream makes Node set a pipe or a socket to non-blocking, which the sink needs.
  const { isTTY, fd } = process.stdout;
  if (!isTTY) return isJournal(fd, env) ? 'journal' : 'json';
  // https://no-color.org: any value but an empty one
  return (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' ? 'colours' : 'text';
}

/**
 * A second net under the `Secret` type: fields of these names never show their value, at the top and three levels below.
 * Name a field otherwise where its value is meant to be read.
 */
const CREDENTIAL_FIELDS = [
  'secret',
  'token',
  'access_token',
  'new_secret',
  'authorization',
  'Authorization',
  'password',
];
const DEPTHS = ['', '*.', '*.*.', '*.*.*.'];

export async function createLog({ level, form, destination }: LogOptions): Promise<RootLog> {
  const threshold: Threshold = { level };
  const serialize = (error: unknown): unknown => describeError(error, threshold.level === 'debug');
  const sink =
    destination ??
    new LineSink({
      fd: process.stdout.fd,
      onRecovered: (count) => log.warn('log-dropped', { count }),
    });
  const logger = pino(
    {
      level: LEVELS[0],
      base: null,
      messageKey: 'event',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: serialize, err: serialize },
      redact: {
        paths: DEPTHS.flatMap((depth) => CREDENTIAL_FIELDS.map((name) => depth + name)),
        censor: '[secret]',
      },
    },
    await inForm(form, sink),
  );
  const log: RootLog = {
    ...portLog(logger, threshold),
    setLevel: (changed) => {
      threshold.level = changed;
    },
  };
  return log;
}

/** Shared by a log and its children: pino's own level would stay with each child as it was when the child was made. */
interface Threshold {
  level: LogLevel;
}

function portLog(logger: Logger, threshold: Threshold): Log {
  const at =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(threshold.level)) logger[level](fields, event);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => portLog(logger.child(fields), threshold),
  };
}

async function inForm(form: LogForm, destination: DestinationStream): Promise<DestinationStream> {
  switch (form) {
    case 'json':
      return destination;
    case 'journal':
      return journalStream(destination);
    case 'text':
    case 'colours':
      return prettyStream(destination, form === 'colours');
  }
}

/** pino tells a stream that asks for it the level of the line that it is about to write. */
function journalStream(destination: DestinationStream): DestinationStream {
  const prefixes = new Map(LEVELS.map((level) => [pino.levels.values[level], journalPrefixes[level]]));
  const stream = {
    [symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write: (line: string) => destination.write(`${prefixes.get(stream.lastLevel) ?? ''}${line}`),
  };
  return stream;
}

/** pino-pretty's own stream writes later and loses the last lines of a process; its formatter does not. */
async function prettyStream(destination: DestinationStream, colorize: boolean): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({
    colorize,
    messageKey: 'event',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return {
    write: (line) => destination.write(format(line)),
  };
}
