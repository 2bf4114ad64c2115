import { access, constants, readFile } from 'node:fs/promises';
import { certificatesIn } from '../config/check-tls.ts';
import type { AgentConfig, TlsConfig } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import { type Examination, type Lines, seesAll } from './examination.ts';
import { judgeCertificate } from './judge-certificate.ts';
import { lookAgain } from './judge-paths.ts';
import { judgeServer } from './judge-server.ts';
import { type Line, warning } from './line.ts';
import { probeServer } from './probe-server.ts';

/** The servers, each once, whatever agents are theirs; and the certificates that lie on this host. */
export function examineServers(examination: Examination): readonly Lines[] {
  const { env, now, timeoutMs, config } = examination;
  const inTurn = turnsOf(atOnce);
  const servers = sharing(config.agents, ({ url, tls }) => JSON.stringify([url, tls]));
  return [
    ...servers.map(async ({ first: { url, tls }, agents }): Lines => {
      const hidden = seesAll(examination) ? null : await hiddenAmong(tls);
      if (hidden !== null) return [notAsked(examination, url, hidden, agents)];
      const facts = await inTurn(() => probeServer({ url, tls, agents, env, timeoutMs }));
      return judgeServer(facts, now);
    }),
    ...localCertificates(examination),
  ];
}

/** The first of our own files that is not for us to read; null where there is none. */
async function hiddenAmong({ caFile, certFile, keyFile }: TlsConfig): Promise<string | null> {
  for (const file of [caFile, certFile, keyFile]) {
    if (file === undefined) continue;
    const code = await access(file, constants.R_OK).then(() => null, errorCode);
    if (code === 'EACCES') return file;
  }
  return null;
}

function notAsked(
  { names, service }: Examination,
  url: string,
  file: string,
  agents: readonly string[],
): Line {
  const detail = `not asked, as ${file} is not for us to read`;
  return warning('server-tls', { what: url, agents, detail, mend: lookAgain(names.user(service.uid)) });
}

/** How many servers are asked at a time. */
const atOnce = 8;

/** Runs at most so many tasks at a time, in the order in which they came. */
function turnsOf(limit: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  const lanes = Array<Promise<unknown>>(limit).fill(Promise.resolve());
  let next = 0;
  return (task) => {
    const lane = next++ % limit;
    const done = (lanes[lane] ?? Promise.resolve()).then(task, task);
    lanes[lane] = done.catch(() => {}); // told by the promise that the caller has
    return done;
  };
}

interface Shared {
  readonly first: AgentConfig;
  readonly agents: readonly string[];
}

function sharing(agents: readonly AgentConfig[], key: (agent: AgentConfig) => string): readonly Shared[] {
  return [...Map.groupBy(agents, key).values()].map((same) => ({
    first: same[0]!,
    agents: same.map(({ name }) => name),
  }));
}

function localCertificates({ config, now }: Examination): readonly Lines[] {
  const files = (name: 'caFile' | 'certFile') =>
    sharing(
      config.agents.filter(({ tls }) => tls[name] !== undefined),
      ({ tls }) => tls[name] ?? '',
    ).map(({ first, agents }) => ({ path: first.tls[name] ?? '', agents }));
  const advice = { caFile: 'put the new certificate of the authority there', certFile: 'renew it' } as const;
  return (['caFile', 'certFile'] as const).flatMap((name) =>
    files(name).map(({ path, agents }) => certificateLines(path, agents, advice[name], now)),
  );
}

/**
 * A file that cannot be used is a finding of `tokenward check`. Of several certificates to trust, one that has ended spoils
 * nothing yet.
 */
async function certificateLines(path: string, agents: readonly string[], mend: string, now: Date): Lines {
  const lines = (await certificatesOf(path)).map(({ subject, issuer, validFromDate, validToDate }) =>
    judgeCertificate('local-certificate', {
      certificate: {
        subject: shortName(subject),
        issuer: shortName(issuer),
        from: validFromDate,
        to: validToDate,
      },
      now,
      what: path,
      agents,
      mend: `${mend}: openssl x509 -noout -subject -dates -in ${path}`,
      code: 'CONFIG_INVALID',
    }),
  );
  const isUsable = lines.some(({ status }) => status !== 'failing');
  return lines.map((line): Line =>
    isUsable && line.status === 'failing' ? { ...line, status: 'warning' } : line,
  );
}

async function certificatesOf(path: string) {
  try {
    return certificatesIn(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof TokenwardError || errorCode(error) !== undefined) return [];
    throw error;
  }
}

/** The common name of a subject as Node writes it, a field a line. */
function shortName(subject: string): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
}
