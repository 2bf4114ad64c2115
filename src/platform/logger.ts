import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import type { Log } from '../ports/log.ts';
import { describeError } from './error-fields.ts';

/**
 * The log: one JSON object per line on standard output, pretty where that is a terminal. Lines are written before the call
 * returns, so nothing is left to flush at an exit.
 */

/** From the least important to the most. */
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** The log of the whole process. */
export interface RootLog extends Log {
  /** Lines below `level` are not written from now on, whichever child log they come through. */
  setLevel(level: LogLevel): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Pretty text for people; loads pino-pretty, which a service never needs. */
  readonly pretty: boolean;
  /** Where lines go; standard output where absent. */
  readonly destination?: DestinationStream;
}

/** What is kept for a standard output that cannot be written to, in bytes; what comes on top is dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;

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

export async function createLog({
  level,
  pretty,
  destination = standardOutput(),
}: LogOptions): Promise<RootLog> {
  const threshold: Threshold = { level };
  const serialize = (error: unknown): unknown => describeError(error, threshold.level === 'debug');
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
    pretty ? await prettyStream(destination) : destination,
  );
  return {
    ...portLog(logger, threshold),
    setLevel: (changed) => {
      threshold.level = changed;
    },
  };
}

/** Shared by a log and its children: pino's own level would stay with each child as it was when the child was made. */
interface Threshold {
  level: LogLevel;
}

function portLog(logger: Logger, threshold: Threshold): Log {
  const at =
    (level: LogLevel): Log[LogLevel] =>
    (event, fields = {}) => {
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

function standardOutput(): DestinationStream {
  const stream = pino.destination({ fd: 1, sync: true, maxLength: MAX_WAITING_BYTES });
  stream.on('error', () => {
    // the log's disk is full or its reader gone: the daemon may hold the only copy of a secret and must outlive its log
  });
  return stream;
}

/** pino-pretty's own stream writes later and loses the last lines of a process; its formatter does not. */
async function prettyStream(destination: DestinationStream): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const format = prettyFactory({
    colorize: true,
    messageKey: 'event',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return {
    write: (line) => destination.write(format(line)),
  };
}
