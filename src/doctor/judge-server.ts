import { formatDuration } from '../domain/duration.ts';
import { advisedByReason } from './advice.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { failing, type Line, type LineId, ok, warning } from './line.ts';
import type { ClockFacts, Failure, ServerFacts } from './server-facts.ts';

/** What the facts of a server come to. */
export function judgeServer(facts: ServerFacts, now: Date): readonly Line[] {
  const { clock } = facts;
  return [
    ...judgeName(facts),
    ...judgeConnection(facts),
    ...judgeTls(facts),
    ...judgeChain(facts, now),
    ...(clock === null ? [] : [judgeClock(facts, clock)]),
  ];
}

function judgeName(facts: ServerFacts): readonly Line[] {
  const { name } = facts;
  if (name === null) return [];
  if ('failure' in name)
    return [broken('server-name', facts, name.failure, `getent ahosts ${hostOf(facts)}`)];
  const detail = `the name leads to ${name.addresses.join(', ')} (${milliseconds(name.ms)})`;
  return [ok('server-name', { ...about(facts), detail })];
}

function judgeConnection(facts: ServerFacts): readonly Line[] {
  const { connection, proxy, url } = facts;
  if (connection === null) return [];
  if ('failure' in connection)
    return [broken('server-connection', facts, connection.failure, `curl -v ${url}/`)];
  const way = proxy === null ? '' : `through the proxy ${proxy} `;
  const detail = `connected ${way}(${milliseconds(connection.ms)})`;
  return [ok('server-connection', { ...about(facts), detail })];
}

function judgeTls(facts: ServerFacts): readonly Line[] {
  const { tls } = facts;
  if (tls === null) return [];
  if ('failure' in tls) return [broken('server-tls', facts, tls.failure, showChain(facts))];
  const detail = `speaks ${tls.protocol}, and its certificate is trusted (${milliseconds(tls.ms)})`;
  return [ok('server-tls', { ...about(facts), detail })];
}

function judgeChain(facts: ServerFacts, now: Date): readonly Line[] {
  return facts.chain.map((certificate, index) => {
    const where =
      index === 0 ? 'on the server' : 'where it is issued, and install it on the server or in tls.ca_file';
    const mend = `renew it ${where}; look at it: ${showChain(facts)}`;
    return judgeCertificate('server-certificate', {
      ...about(facts),
      certificate,
      now,
      mend,
      code: 'SERVER_TLS_FAILED',
    });
  });
}

function about({ server, agents }: ServerFacts) {
  return { what: server, agents };
}

/** With a command that shows more, unless the fault is in our own files. */
function broken(id: LineId, facts: ServerFacts, { code, reason }: Failure, command: string): Line {
  const { detail, mend } = advisedByReason(reason, 'look at it');
  const isOurs = code === 'CONFIG_INVALID';
  return failing(id, { ...about(facts), detail, mend: isOurs ? mend : `${mend} (try: ${command})`, code });
}

function showChain(facts: ServerFacts): string {
  return `openssl s_client -connect ${facts.server} -servername ${hostOf(facts)} -showcerts </dev/null`;
}

const warnAheadMs = 30_000;
const failAheadMs = 300_000;

function judgeClock(facts: ServerFacts, { aheadMs, roundTripMs, answer }: ClockFacts): Line {
  if (typeof answer === 'string') return judgeSilence(facts, answer);
  if (aheadMs === null) {
    return warning('server-clock', {
      ...about(facts),
      detail: `it answers (${answer}) without a Date, so that its clock cannot be compared with ours`,
      mend: 'compare the clocks by hand, on both hosts: date -u',
    });
  }
  const away = Math.abs(aheadMs);
  if (away <= warnAheadMs) {
    return ok('server-clock', {
      ...about(facts),
      detail: `its clock is within ${span(away + 1_000)} of ours (it answered ${answer} in ${milliseconds(roundTripMs)})`,
    });
  }
  const direction = aheadMs > 0 ? 'behind' : 'ahead of';
  const trouble = {
    ...about(facts),
    detail: `our clock is ${span(away)} ${direction} the server's; certificates and the ends of tokens across reboots are judged by it`,
    mend: 'set the clock of the host that is wrong: timedatectl set-ntp true (compare: date -u)',
  };
  return away > failAheadMs ? failing('server-clock', trouble) : warning('server-clock', trouble);
}

/** A server that closes the connection on a stranger's request may well serve an exchange; one that hangs will not. */
function judgeSilence(facts: ServerFacts, how: 'late' | 'cut off'): Line {
  const mend = `see whether the server is well: curl -v ${facts.url}/`;
  const told = { ...about(facts), mend, code: 'SERVER_TROUBLE' } as const;
  if (how === 'late')
    return failing('server-clock', { ...told, detail: 'it does not answer a plain GET in time' });
  const detail = 'it ends the connection at a plain GET, so that its clock is not known';
  return warning('server-clock', { ...told, detail });
}

/** To the second, and beyond some minutes to the minute. */
function span(ms: number): string {
  const step = ms < 600_000 ? 1_000 : 60_000;
  return formatDuration(Math.floor(ms / step) * step);
}

function milliseconds(ms: number): string {
  return `${Math.max(1, Math.round(ms))} ms`;
}

function hostOf({ server }: ServerFacts): string {
  return server.replace(/:\d+$/, '').replace(/^\[(.+)\]$/, '$1');
}
