import { formatDuration } from '../domain/duration.ts';
import { advisedBy } from './advice.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { failing, type Line, type LineId, ok, warning } from './line.ts';
import type { ClockFacts, Failure, ServerFacts } from './server-facts.ts';

/** What the facts of a server come to. */
export function judgeServer(facts: ServerFacts, now: Date): readonly Line[] {
  const { server, agents, proxy, name, connection, tls, chain, clock } = facts;
  const about = { what: server, agents };
  const lines: Line[] = [];
  if (name !== null) {
    lines.push(
      'failure' in name
        ? broken('server-name', about, name.failure, `getent ahosts ${hostOf(server)}`)
        : ok('server-name', { ...about, detail: `the name leads to ${name.addresses.join(', ')} (${milliseconds(name.ms)})` }),
    );
  }
  if (connection !== null) {
    const way = proxy === null ? '' : `through the proxy ${proxy} `;
    lines.push(
      'failure' in connection
        ? broken('server-connection', about, connection.failure, 'see to url, routes and firewalls')
        : ok('server-connection', {
            ...about,
            detail: `connected ${way}(${milliseconds(connection.ms)})`,
          }),
    );
  }
  if (tls !== null) {
    lines.push(
      'failure' in tls
        ? broken('server-tls', about, tls.failure, showChain(server))
        : ok('server-tls', { ...about, detail: `speaks ${tls.protocol}, and its certificate is trusted (${milliseconds(tls.ms)})` }),
    );
  }
  for (const [index, certificate] of chain.entries()) {
    const mend = index === 0 ? `renew it on the server; ${showChain(server)}` : issuerAdvice(server);
    lines.push(
      judgeCertificate('server-certificate', { certificate, now, mend, code: 'SERVER_TLS_FAILED', ...about }),
    );
  }
  if (clock !== null) lines.push(judgeClock(about, clock));
  return lines;
}

interface About {
  readonly what: string;
  readonly agents: readonly string[];
}

function broken(id: LineId, about: About, { code, reason }: Failure, otherwise: string): Line {
  return failing(id, { ...about, ...advisedBy(reason, otherwise), code });
}

function showChain(server: string): string {
  return `look at it: openssl s_client -connect ${server} -servername ${hostOf(server)} -showcerts </dev/null`;
}

function issuerAdvice(server: string): string {
  return `renew it where it is issued, and install it on the server or in tls.ca_file; ${showChain(server)}`;
}

const warnAheadMs = 30_000;
const failAheadMs = 300_000;

function judgeClock(about: About, { aheadMs, roundTripMs, status }: ClockFacts): Line {
  if (status === null) {
    return failing('server-clock', {
      ...about,
      detail: 'no answer to a plain GET, so its clock is not known',
      mend: `see whether the server is well: curl -v https://${about.what}/`,
      code: 'SERVER_TROUBLE',
    });
  }
  if (aheadMs === null) {
    return warning('server-clock', {
      ...about,
      detail: `it answers (${status}) without a Date, so that its clock cannot be compared with ours`,
      mend: 'compare the clocks by hand: date -u, on both hosts',
    });
  }
  const away = Math.abs(aheadMs);
  if (away <= warnAheadMs) {
    return ok('server-clock', {
      ...about,
      detail: `its clock is within ${span(away + 1_000)} of ours (answered ${status} in ${milliseconds(roundTripMs)})`,
    });
  }
  const direction = aheadMs > 0 ? 'behind' : 'ahead of';
  const trouble = {
    ...about,
    detail: `our clock is ${span(away)} ${direction} the server's; certificates and the ends of tokens across reboots are judged by it`,
    mend: 'set the clock of the host that is wrong: timedatectl set-ntp true (compare: date -u)',
  };
  return away > failAheadMs ? failing('server-clock', trouble) : warning('server-clock', trouble);
}

/** To the second, and beyond some minutes to the minute. */
function span(ms: number): string {
  const step = ms < 600_000 ? 1_000 : 60_000;
  return formatDuration(Math.floor(ms / step) * step);
}

function milliseconds(ms: number): string {
  return `${Math.max(1, Math.round(ms))} ms`;
}

function hostOf(server: string): string {
  return server.replace(/:\d+$/, '').replace(/^\[(.+)\]$/, '$1');
}
