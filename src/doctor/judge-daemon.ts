import type { TokenwardError } from '../domain/errors.ts';
import type { AgentStatus } from '../domain/status.ts';
import { advisedBy, advisedByError } from './advice.ts';
import { failing, type Line, ok, warning } from './line.ts';
import { metricValue, metricLabel } from './metric-text.ts';

/** What the daemon says of itself when it is asked as anybody may, and what the kernel says of it. */
export interface DaemonFacts {
  /** null where the configuration has no Unix socket. */
  readonly socket: string | null;
  /** Of the process that holds the agents; null where none does, as far as we can see. */
  readonly pid: number | null;
  /** Why it did not answer; null where it did. */
  readonly failure: TokenwardError | null;
  /** The text of `/metrics`; null where it did not answer. */
  readonly metrics: string | null;
  /** What it says of the agents that we may see; an error where it refuses. */
  readonly statuses: readonly AgentStatus[] | TokenwardError;
  /** When the process was started; null where that is not known. */
  readonly startedAt: Date | null;
}

export interface OurSide {
  readonly version: string;
  readonly configPath: string;
  readonly configChangedAt: Date;
}

export function judgeDaemon(facts: DaemonFacts, ours: OurSide): readonly Line[] {
  const { metrics, statuses } = facts;
  const answer = judgeAnswer(facts);
  if (metrics === null) return [answer];
  return [
    answer,
    judgeVersion(metrics, ours.version, facts.socket ?? ''),
    ...judgeConfig(facts, metrics, ours),
    ...('code' in statuses ? [unseen(statuses)] : judgeAlerts(statuses)),
  ];
}

const start = 'systemctl start tokenward, or: tokenward run';
const restart = 'systemctl restart tokenward';

function judgeAnswer({ socket, pid, failure }: DaemonFacts): Line {
  if (socket === null) {
    return warning('daemon-answer', {
      what: 'listeners',
      detail: 'there is no Unix socket at which the daemon could be asked',
      mend: 'add one: listeners: [{ unix: /run/tokenward/tokenward.sock, … }] (config.example.yaml)',
    });
  }
  const process = pid === null ? '' : ` (process ${pid})`;
  if (failure === null) return ok('daemon-answer', { what: socket, detail: `the daemon answers${process}` });
  const advised = advisedByError(failure, start);
  if (failure.code === 'PEER_DENIED') return warning('daemon-answer', { what: socket, ...advised });
  const isDown = pid === null && failure.fields['sent'] === false;
  if (isDown) return warning('daemon-answer', { what: socket, ...advised, mend: start });
  return failing('daemon-answer', {
    what: socket,
    detail: `${advised.detail}, though a daemon runs${process}`,
    mend: `look at its log (journalctl -u tokenward -e), then: ${restart}`,
    code: 'DAEMON_NOT_RUNNING',
  });
}

function judgeVersion(metrics: string, version: string, socket: string): Line {
  const theirs = metricLabel(metrics, 'tokenward_build_info', 'version');
  if (theirs === version)
    return ok('daemon-version', { what: socket, detail: `version ${version}, as this one` });
  return warning('daemon-version', {
    what: socket,
    detail: `the daemon is version ${theirs ?? 'unknown'}, this program is ${version}`,
    mend: restart,
  });
}

/** A daemon says how its last look at the file went, and when that was; of an older one, only its start is known. */
function judgeConfig({ startedAt }: DaemonFacts, metrics: string, ours: OurSide): readonly Line[] {
  const what = ours.configPath;
  const reloaded = metricValue(metrics, 'tokenward_config_last_reload_successful');
  if (reloaded === 0) {
    return [
      failing('daemon-config', {
        what,
        detail:
          'the daemon has not taken the file as it is now, and goes on with the one before until the file is mended or the daemon restarted',
        mend: 'mend what the alert CONFIG_INVALID in tokenward status names (tokenward check names it too, unless only a restart is needed)',
        code: 'CONFIG_INVALID',
      }),
    ];
  }
  const readAt = metricValue(metrics, 'tokenward_config_last_reload_success_timestamp_seconds');
  const since = readAt === null ? startedAt : new Date(readAt * 1000);
  if (since === null) return [];
  // what the kernel tells of a start is known to the second at best
  const isNewer = ours.configChangedAt.getTime() > since.getTime() + 2_000;
  if (!isNewer) return [ok('daemon-config', { what, detail: 'the daemon goes by it' })];
  return [
    warning('daemon-config', {
      what,
      detail: `changed after the daemon read it last (${since.toISOString()}), and not in force yet`,
      mend: `tokenward check && systemctl ${readAt === null ? 'restart' : 'reload'} tokenward`,
    }),
  ];
}

function unseen(refusal: TokenwardError): Line {
  const advised = advisedByError(refusal, 'look as a user that allow names');
  return warning('daemon-alert', { what: 'alerts', ...advised });
}

/** What stands for several agents alike, such as an alert of the whole daemon, is told once. */
function judgeAlerts(statuses: readonly AgentStatus[]): readonly Line[] {
  const standing = statuses.flatMap(({ agent, alerts }) => alerts.map((alert) => ({ agent, ...alert })));
  const lines = [...Map.groupBy(standing, ({ code, summary }) => `${code} ${summary}`).values()].map(
    (alike) => {
      const { agent, code, severity, summary } = alike[0]!;
      const agents = alike.map((alert) => alert.agent);
      const advised = advisedBy(summary, `tokenward status ${agent}`);
      const told = { what: `${agents.join(', ')}: ${code}`, agents, ...advised, code };
      return severity === 'critical' ? failing('daemon-alert', told) : warning('daemon-alert', told);
    },
  );
  return lines.length > 0 ? lines : [ok('daemon-alert', { what: 'alerts', detail: 'none stands' })];
}
