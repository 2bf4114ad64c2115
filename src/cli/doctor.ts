import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkConfig } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { type Examination, seesAll } from '../doctor/examination.ts';
import { examine, examineWithoutConfig, type Section } from '../doctor/examine.ts';
import { blameOf, type Line, lineKinds, summaryOf } from '../doctor/line.ts';
import { NameBook } from '../doctor/name-book.ts';
import { findingsThatCount } from '../doctor/own-eyes.ts';
import { probeDaemon } from '../doctor/probe-daemon.ts';
import { environmentOf } from '../doctor/probe-unit.ts';
import { findServiceUser } from '../doctor/service-user.ts';
import { TokenwardError } from '../domain/errors.ts';
import { createUsers } from '../platform/users.ts';
import { defineCommand, jsonOption } from './command.ts';
import { lineText, summaryText } from './doctor-text.ts';
import { checkContext } from './host-check.ts';
import { agentNamed } from './lookup.ts';
import { print, printJson } from './output.ts';
import { defaultConfigPath, type Program } from './program.ts';
import { paint, terminalStyle, type TerminalStyle } from './terminal-style.ts';

export const doctorCommand = defineCommand({
  usage: 'doctor [agent]',
  summary: 'look at everything around the daemon, and say what mends it',
  description: `Looks at the configuration, the running daemon, the permissions of every path, who can reach the
sockets, the secret stores, the servers (name, connection, TLS, days left, clock), the disk and the
host. Each line is ok, warning or failing, with what mends it. It never exchanges a secret: a server
gets one GET without credentials. No lock is taken, and nothing stays changed (a small file measures the
disk); a daemon may run meanwhile.
Run it as root, or as the user that runs the daemon. Exit code: 0 where nothing is failing, 78 where
the configuration, a permission or the disk is, else 69.`,
  positionals: {
    agent: { type: 'string', describe: 'look at this agent only' },
  },
  options: jsonOption,
  examples: [
    ['doctor', 'look at everything'],
    ['doctor web-01', 'look at one agent, its server and its secret'],
    ['doctor --json | jq \'.lines[] | select(.status != "ok")\'', 'what is not well, for a program'],
  ],
  run: async ({ config, agent, json }, program) => {
    const path = resolve(config ?? defaultConfigPath(program.env));
    const interruption = new AbortController();
    const sections = await begin(path, agent, program, interruption.signal);
    const ended = interruptible(sections, interruption);
    const lines = await tell(sections, terminalStyle(process.stdout, program.env), json ? null : print);
    ended();
    const summary = summaryOf(lines);
    if (json) printJson({ ok: summary.failing === 0, config: path, summary, lines: lines.map(withGroup) });
    else print('', summaryText(summary));
    const blame = blameOf(lines);
    if (blame !== null) throw conclusion(blame, summary.failing);
  },
});

/** Milliseconds for each look at something that may not answer. */
const timeoutMs = 10_000;
const proc = '/proc';

async function begin(
  configPath: string,
  agent: string | undefined,
  program: Program,
  signal: AbortSignal,
): Promise<readonly Section[]> {
  let config: Config;
  try {
    config = readTrustingly(configPath, program);
  } catch (error) {
    if (!(error instanceof TokenwardError)) throw error;
    return examineWithoutConfig(error, configPath, program);
  }
  const limited = agent === undefined ? config : { ...config, agents: [agentNamed(config, agent)] };
  return examine(await prepare(limited, configPath, program, signal));
}

/** As the daemon would read it if it ran as the file's owner: who it runs as is only known when the file is read. */
function readTrustingly(path: string, { env }: Program): Config {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid ?? 0;
  return loadConfig(path, { env, uid: owner });
}

async function prepare(
  config: Config,
  configPath: string,
  program: Program,
  signal: AbortSignal,
): Promise<Examination> {
  const self = { uid: process.geteuid?.() ?? 0, gids: groupsOfThisProcess() };
  const service = await findServiceUser(config, { proc, self });
  const { uid, pid } = service;
  const env = pid === null ? program.env : await environmentOf(pid, proc, program.env);
  const users = createUsers();
  const names = new NameBook(users);
  await names.learn([
    { uid, gid: service.gids[0] ?? 0 },
    { uid: self.uid, gid: self.gids[0] ?? 0 },
  ]);
  const { storeLook } = await import('../operator/stored-records.ts');
  return {
    config,
    configPath,
    configChangedAt: statSync(configPath).mtime,
    configFlaw: flawFor(uid, configPath, program),
    findings: findingsThatCount(
      await checkConfig(config, await checkContext({ env }, uid)),
      seesAll({ self, service }),
    ),
    service,
    self,
    users,
    names,
    env,
    version: program.version,
    now: new Date(),
    daemon: probeDaemon(config, pid, proc, timeoutMs),
    lookIntoStore: await storeLook({ ...program, config, env, uid, timeoutMs }),
    proc,
    timeoutMs,
    signal,
  };
}

function groupsOfThisProcess(): readonly number[] {
  return [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])];
}

function flawFor(uid: number, path: string, { env }: Program): TokenwardError | null {
  try {
    loadConfig(path, { env, uid });
    return null;
  } catch (error) {
    if (error instanceof TokenwardError) return error;
    throw error;
  }
}

/** Resolves to all lines; each is given to `show` as soon as it and those before it are known. */
async function tell(
  sections: readonly Section[],
  style: TerminalStyle,
  show: typeof print | null,
): Promise<readonly Line[]> {
  const lines: Line[] = [];
  // one that fails before its turn is told when its turn comes
  for (const part of sections.flatMap(({ parts }) => parts)) part.catch(() => {});
  for (const { group, parts } of sections) {
    let isFirst = true;
    for (const part of parts) {
      for (const line of await part) {
        if (isFirst) show?.(...(lines.length > 0 ? [''] : []), paint(style, 'strong', group));
        isFirst = false;
        show?.(...lineText(line, style));
        lines.push(line);
      }
    }
  }
  return lines;
}

/**
 * At Ctrl-C and SIGTERM the process ends as it would, but not before what it made for a look is removed. Returns what ends
 * this.
 */
function interruptible(sections: readonly Section[], interruption: AbortController): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (signal: NodeJS.Signals) => {
    stop();
    interruption.abort();
    const disk = sections.find(({ group }) => group === 'disk')?.parts ?? [];
    void Promise.allSettled(disk).then(() => process.kill(process.pid, signal));
  };
  const stop = () => {
    for (const signal of signals) process.off(signal, end);
  };
  for (const signal of signals) process.on(signal, end);
  return stop;
}

function withGroup({ id, ...line }: Line) {
  return { id, group: lineKinds[id].group, ...line };
}

function conclusion(blame: 'configuration' | 'surroundings', failing: number): TokenwardError {
  const what = failing === 1 ? '1 thing is failing' : `${failing} things are failing`;
  const code = blame === 'configuration' ? 'DOCTOR_CONFIGURATION' : 'DOCTOR_SURROUNDINGS';
  return new TokenwardError(code, `${what}; mend what is named above and look again`);
}
