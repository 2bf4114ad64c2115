import { printable } from '../../domain/foreign-text.ts';
import type { Answer } from '../../domain/outcome.ts';
import { answerProblem } from '../../platform/http/answer-problem.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';
import type { TlsSettings } from '../../platform/http/tls-files.ts';
import { environmentOfPrograms, failureOfProgram, runProgram } from '../../platform/run-program.ts';
import { failure } from './failure.ts';
import type { ExecHook, Hook, HookCall, HookResult, HttpHook } from './hook.ts';
import { sendSignal, type SignalParts } from './signal.ts';

/**
 * What hooks do: a file of its own in the build, which only a daemon loads whose first hook is due, and which has copies of
 * whatever it imports there.
 */

export interface HookParts extends SignalParts {
  /** One request to this server, answered or not. Never rejects but for TLS files that cannot be used. */
  readonly send: (
    server: { readonly origin: string; readonly tls: TlsSettings },
    request: HttpRequest,
    signal: AbortSignal,
  ) => Promise<Answer>;
}

/** An answer is only looked at for its status, and quoted where that is bad. */
const maxAnswerBytes = 4 * 1024;
const wording = { cargo: 'the request', whenRefused: 'see to the url, and whether it takes this request' };
/** Characters of a program's output that are looked at, and that are told. */
const mostOutput = 64 * 1024;
const longestOutput = 1_000;

/** Never rejects. */
export async function runHook(hook: Hook, call: HookCall, parts: HookParts): Promise<HookResult> {
  try {
    switch (hook.kind) {
      case 'signal':
        return await sendSignal(hook, parts, call.signal);
      case 'http':
        return await request(hook, parts, call.signal);
      case 'exec':
        return await execute(hook, call, parts);
    }
  } catch (error) {
    return failure(error instanceof Error ? error.message : 'an unknown error');
  }
}

async function request(
  { method, url, tls }: HttpHook,
  { send }: HookParts,
  signal: AbortSignal,
): Promise<HookResult> {
  const { origin, pathname, search, host } = new URL(url);
  // Fluent Bit wants a body, and does not look at it.
  const body = method === 'GET' ? null : Buffer.from('{}');
  const headers = { 'user-agent': 'tokenward', ...(body !== null && { 'content-type': 'application/json' }) };
  const path = pathname + search;
  const answer = await send(
    { origin, tls },
    { method, path, headers, body, maxBodyBytes: maxAnswerBytes },
    signal,
  );
  const problem = answerProblem(answer, host, wording);
  if (problem === null) return { ok: true };
  return failure(
    problem.message,
    answer.kind === 'http' ? told(Buffer.from(answer.body).toString('utf8')) : '',
  );
}

async function execute({ command }: ExecHook, call: HookCall, { env }: HookParts): Promise<HookResult> {
  const { agent, token, files, signal } = call;
  const run = {
    command,
    env: {
      ...environmentOfPrograms(env),
      TOKENWARD_AGENT: agent,
      TOKENWARD_SEQUENCE: String(token.sequence),
      TOKENWARD_FILES: files.join('\n'),
    },
    input: null,
    keep: 'all',
    keepAtMost: mostOutput,
  } as const;
  const { end, output } = await runProgram(run, signal);
  if (end === 0) return { ok: true };
  // It may have printed the file that it was told of.
  const text = output.replaceAll(token.text.reveal(), '[token]');
  return failure(`${command[0]} ${failureOfProgram(end)}`, told(text));
}

function told(text: string): string {
  // Far from the end of what was kept, where a token may be cut off.
  return printable(text.slice(0, mostOutput / 2).trim()).slice(0, longestOutput);
}
