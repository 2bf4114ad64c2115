import { existsSync } from 'node:fs';
import { formatDuration } from '../domain/duration.ts';
import { proxyFor } from '../platform/http/proxy.ts';
import { readPidFile } from '../platform/pid-file.ts';
import { checkProgram } from './check-program.ts';
import { checkTls } from './check-tls.ts';
import type { AgentConfig, HookConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { type Finding, finding, findingsOf } from './finding.ts';

/** Whether hooks find on this host what they need. None of them is run. */

interface HookCheckContext {
  readonly env: Environment;
  /** Against which the validity of certificates is judged. */
  readonly now: Date;
}

export async function checkHooks(agent: AgentConfig, context: HookCheckContext): Promise<readonly Finding[]> {
  const at = `agents.${agent.name}.hooks`;
  const each = agent.hooks.map((hook, index) => checkHook(hook, `${at}[${index}]`, context));
  return [...checkPlace(agent, at), ...(await Promise.all(each)).flat()];
}

function checkPlace({ hooks, files, ...agent }: AgentConfig, at: string): readonly Finding[] {
  if (hooks.length === 0) return [];
  const warnings: string[] = [];
  if (files.length === 0)
    warnings.push(
      'there are no `files` that hooks could wait for, and they run as soon as there is a token; add the files, or leave it so where each asks for the token itself',
    );
  const longestMs = hooks.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
  const leftMs = timeOfOldToken(agent);
  if (leftMs !== null && longestMs > leftMs)
    warnings.push(
      `together they may take ${formatDuration(longestMs)}, and at a refresh the token before has as little as ${formatDuration(leftMs)} left; lower a \`timeout\` or \`refresh.at\`, or raise \`ttl\``,
    );
  return warnings.map((message) => finding('warning', 'CONFIG_INVALID', at, message));
}

/** Milliseconds that a token has left at the latest planned refresh; null where a person brings the next one. */
function timeOfOldToken({
  ttlMs,
  refresh: { at, jitter },
  expiresAtMs,
}: Pick<AgentConfig, 'ttlMs' | 'refresh' | 'expiresAtMs'>): number | null {
  return expiresAtMs === null ? Math.round(ttlMs * (1 - at - jitter)) : null;
}

async function checkHook(
  hook: HookConfig,
  at: string,
  { env, now }: HookCheckContext,
): Promise<readonly Finding[]> {
  if (hook.kind === 'exec') return checkProgram(hook.command[0] ?? '', 'HOOK_FAILED', `${at}.exec`);
  if (hook.kind === 'signal')
    return hook.target.kind === 'unit' ? [] : checkPidFile(hook.target.path, `${at}.pid_file`);
  const findings = await Promise.all([
    checkTls(hook.tls, `${at}.http.tls`, now),
    findingsOf(`${at}.http.url`, async () => {
      proxyFor(new URL(hook.url), env);
      return [];
    }),
  ]);
  return findings.flat();
}

/** There is none as long as the program does not run. */
async function checkPidFile(path: string, at: string): Promise<readonly Finding[]> {
  if (!existsSync(path)) return [];
  const found = await readPidFile(path);
  return 'flaw' in found ? [finding('warning', 'HOOK_FAILED', at, found.flaw)] : [];
}
