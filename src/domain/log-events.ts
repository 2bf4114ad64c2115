/**
 * Every event that the log knows: at which levels it is written, which fields it has, and whether somebody else can cause it
 * without end. A line with another name, level or field does not compile. What each means, and what to do about it, is in
 * `docs/logs.md`, which a test holds to this table. Lines about one agent have the field `agent` besides.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

interface LogEventTraits {
  /** The most usual one first. */
  readonly levels: readonly [LogLevel, ...LogLevel[]];
  readonly fields: readonly string[];
  /** Peers and clients can cause it as often as they like: only so many lines are written, and the others counted. */
  readonly limited?: true;
}

export const logEvents = {
  // the process
  started: { levels: ['info'], fields: ['version', 'pid', 'agents'] },
  standby: { levels: ['info'], fields: ['holder_pid'] },
  'signal-received': { levels: ['info'], fields: ['signal'] },
  stopping: { levels: ['info'], fields: [] },
  'stopped-with-unsaved-secret': { levels: ['error'], fields: [] },
  stopped: { levels: ['info'], fields: [] },
  'uncaught-exception': { levels: ['error'], fields: ['error'] },
  'effect-failed': { levels: ['error'], fields: ['effect', 'error'] },
  'engine-stuck': { levels: ['error'], fields: ['agents'] },
  'service-notify-failed': { levels: ['warn'], fields: ['error'], limited: true },
  'passed-sockets-unusable': { levels: ['warn'], fields: ['error'] },
  'passed-socket-unused': { levels: ['warn'], fields: ['address', 'name', 'advice'] },
  'passed-socket-differs': { levels: ['warn'], fields: ['path', 'differs', 'advice'] },

  // the configuration
  'config-reloaded': { levels: ['info'], fields: ['cause', 'added', 'changed', 'removed'] },
  'config-unchanged': { levels: ['info'], fields: ['cause'] },
  'config-rejected': { levels: ['error'], fields: ['cause', 'code', 'problems', 'error'] },
  'reload-step-failed': { levels: ['error'], fields: ['error'] },
  'config-reload-deferred': { levels: ['info'], fields: ['cause'], limited: true },
  'config-watched': { levels: ['debug'], fields: ['paths'] },
  'config-watch-failed': { levels: ['warn'], fields: ['path', 'errno', 'advice'], limited: true },
  'token-file-left': { levels: ['warn'], fields: ['path'] },
  'removed-with-unsaved-secret': { levels: ['error'], fields: [] },

  // exchanges; what stands for longer is an alert
  'exchange-granted': {
    levels: ['info'],
    fields: ['slot', 'attempt', 'generation', 'took_ms', 'failures', 'failing_ms'],
  },
  'exchange-failed': {
    levels: ['info', 'debug'],
    fields: ['outcome', 'slot', 'attempt', 'generation', 'took_ms', 'detail', 'failures'],
  },
  'not-connected': { levels: ['info', 'debug'], fields: ['code', 'detail', 'failures'] },
  'answer-durable': { levels: ['debug'], fields: ['took_ms'] },
  'answer-on-volume-only': { levels: ['warn'], fields: ['code', 'reason'] },
  'secret-kept-aside': { levels: ['error'], fields: ['path', 'generation'] },
  'doubt-found': { levels: ['warn'], fields: ['slot'] },
  'token-published': { levels: ['info'], fields: ['sequence', 'fingerprint'] },
  'token-reported': { levels: ['info'], fields: ['sequence'] },
  'token-revoked': { levels: ['warn'], fields: ['sequence'] },
  'token-replaced': { levels: ['info'], fields: ['sequence'] },
  'token-rejected-again': { levels: ['warn'], fields: ['sequence'] },
  'rejection-not-confirmed': { levels: ['info'], fields: ['sequence'] },
  'token-proved': { levels: ['info'], fields: ['sequence'] },
  'probe-failed': { levels: ['debug'], fields: ['code', 'detail'] },
  'token-withdrawn': { levels: ['info'], fields: ['sequence', 'files'] },
  'hook-succeeded': { levels: ['info'], fields: ['hook', 'sequence', 'took_ms', 'failures'] },
  'hook-failed': {
    levels: ['warn', 'debug'],
    fields: ['hook', 'sequence', 'reason', 'output', 'failures'],
  },
  'hooks-done-before': { levels: ['debug'], fields: ['sequence'] },
  'hook-state-unreadable': { levels: ['warn'], fields: ['path', 'reason'] },
  'hook-state-not-saved': { levels: ['warn'], fields: ['path', 'errno'] },
  'state-changed': { levels: ['info'], fields: ['state', 'previous'] },

  // what is kept
  'open-failed': { levels: ['info', 'debug'], fields: ['code', 'detail', 'failures'] },
  'store-failed': { levels: ['info', 'debug'], fields: ['code', 'detail', 'failures'] },
  'raw-not-saved': { levels: ['warn', 'debug'], fields: ['code', 'detail', 'failures'] },
  'save-failed': { levels: ['warn', 'debug'], fields: ['code', 'detail', 'failures'] },
  'secret-recommitted': { levels: ['warn'], fields: ['generation'] },
  'newer-secret-adopted': { levels: ['warn'], fields: ['generation'] },
  'hand-over-stored': { levels: ['info'], fields: ['fingerprint'] },
  'secret-file-adopted': { levels: ['info'], fields: ['path'] },
  'secret-file-known': { levels: ['debug'], fields: ['path'] },
  'secret-file-not-adopted': {
    levels: ['warn', 'debug'],
    fields: ['path', 'code', 'reason', 'failures', 'error'],
  },
  'secret-file-open-to-all': { levels: ['warn'], fields: ['path', 'mode'] },
  'secret-file-watch-failed': { levels: ['warn', 'debug'], fields: ['path', 'errno'] },
  recovered: { levels: ['warn'], fields: ['action', 'set_aside'] },
  'wrapping-key-replaced': { levels: ['info'], fields: ['agent', 'records'] },
  'wrapping-key-replacement-resumed': { levels: ['info', 'debug'], fields: ['agents'] },
  'wrapping-key-not-replaced': {
    levels: ['warn', 'debug'],
    fields: ['agents', 'code', 'reason', 'failures'],
  },
  'lock-file-replaced': { levels: ['warn'], fields: ['path'] },
  'lease-lost': { levels: ['warn'], fields: ['path'] },
  superseded: { levels: ['warn'], fields: ['code', 'detail'] },
  'token-file-watch-failed': { levels: ['warn'], fields: ['path', 'errno'], limited: true },

  // who asked for what
  'refresh-requested': { levels: ['info'], fields: ['agent', 'uid', 'pid', 'executable'], limited: true },
  'token-rejection-reported': {
    levels: ['info'],
    fields: ['agent', 'uid', 'pid', 'executable', 'status', 'matches'],
    limited: true,
  },
  'secret-handed-over': { levels: ['info'], fields: ['agent', 'uid', 'pid', 'executable'] },
  'recovery-requested': {
    levels: ['info'],
    fields: ['agent', 'uid', 'pid', 'executable', 'action', 'dry_run'],
  },
  'rekey-requested': { levels: ['info'], fields: ['agent', 'uid', 'pid', 'executable', 'dry_run'] },
  'peer-denied': {
    levels: ['warn'],
    fields: ['uid', 'pid', 'executable', 'groups', 'verb', 'agent'],
    limited: true,
  },
  'peer-unknown': { levels: ['warn'], fields: ['error'], limited: true },
  'connections-refused': { levels: ['warn'], fields: ['open', 'advice'], limited: true },
  'accept-failed': { levels: ['warn'], fields: ['error'], limited: true },
  'oauth-client-refused': { levels: ['warn'], fields: ['client'], limited: true },
  'client-key-unusable': { levels: ['warn'], fields: ['error'] },
  'proxy-client-refused': { levels: ['warn'], fields: ['agent', 'uid', 'pid'], limited: true },
  'proxy-unavailable': { levels: ['warn'], fields: ['agent', 'code', 'reason'], limited: true },
  'proxy-spool-failed': { levels: ['warn'], fields: ['agent', 'errno'], limited: true },
  'request-failed': { levels: ['error'], fields: ['route', 'error'], limited: true },

  'memory-given-back': { levels: ['debug'], fields: [] },
  'memory-kept': { levels: ['debug'], fields: ['error'] },

  // alerts
  'alert-firing': {
    levels: ['warn', 'error', 'info'],
    fields: ['agent', 'code', 'severity', 'since', 'summary'],
  },
  'alert-resolved': { levels: ['info'], fields: ['agent', 'code', 'severity', 'since', 'summary'] },
  'alert-channel-failed': { levels: ['warn'], fields: ['channel', 'code', 'reason'] },
  'alert-channel-works-again': { levels: ['info'], fields: ['channel'] },
  'alert-episode-dropped': { levels: ['warn'], fields: ['channel', 'agent', 'code', 'since'] },
  'alerts-undelivered': { levels: ['warn'], fields: ['channel', 'count'] },
  'alert-state-unreadable': { levels: ['warn'], fields: ['path', 'reason'] },
  'alert-state-not-saved': { levels: ['warn'], fields: ['path', 'errno'] },

  // the log itself
  'log-suppressed': { levels: ['warn', 'info', 'error'], fields: ['event_suppressed', 'count', 'uids'] },
  'log-dropped': { levels: ['warn'], fields: ['count'] },
} as const satisfies Readonly<Record<string, LogEventTraits>>;

export type LogEvent = keyof typeof logEvents;

/** The events that may be written at this level. */
export type EventAt<Level extends LogLevel> = {
  [Event in LogEvent]: Level extends (typeof logEvents)[Event]['levels'][number] ? Event : never;
}[LogEvent];

export type FieldsOf<Event extends LogEvent> = {
  readonly [Field in (typeof logEvents)[Event]['fields'][number]]?: unknown;
};
