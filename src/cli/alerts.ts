import { type ErrorCode, errorClasses, exitCodes, TokenwardError } from '../domain/errors.ts';
import type { ChannelResult } from '../operator/test-alerts.ts';
import { defineCommand, jsonOption } from './command.ts';
import { alignColumns } from './format.ts';
import { print, printJson } from './output.ts';
import { readConfiguration } from './read-configuration.ts';

export const alertsCommand = defineCommand({
  usage: 'alerts <action>',
  summary: 'send a test through every channel of alerts',
  description: `Sends one notice through every channel of \`alerts\` in the configuration, and its end: from this
process, whether a daemon runs or not. It is marked as a test (its code is TEST, its severity info),
and a receiver that pages for everything will page. Run it as the user that runs the daemon, who
must be able to read the key files. The log cannot fail, and is not written to.

Exit code: 0 where all have taken it; 78 where a file, a setting or a program cannot be used, 77
where a receiver says no, else 69.`,
  positionals: {
    action: {
      type: 'string',
      demandOption: true,
      choices: ['test'],
      describe: 'test: send one notice, and its end',
    },
  },
  options: jsonOption,
  examples: [
    ['alerts test', 'one line for each channel, and why where it failed'],
    ["alerts test --json | jq '.channels[] | select(.ok | not)'", 'the channels that do not work'],
  ],
  tooMany: 'alerts test takes no further arguments; the channels are those of the configuration',
  run: async ({ config: path, json }, program) => {
    const config = readConfiguration(path, program);
    const { testAlerts } = await import('../operator/test-alerts.ts');
    const results = await testAlerts(config, program.env);
    const failed = results.filter(({ error }) => error !== null);
    if (json) printJson({ ok: failed.length === 0, channels: results.map(forPrograms) });
    else print(...linesOf(results));
    if (failed.length > 0) throw conclusion(failed, results.length);
  },
});

function forPrograms({ channel, error, tookMs }: ChannelResult) {
  return {
    channel,
    ok: error === null,
    took_ms: tookMs,
    code: error?.code ?? null,
    message: error?.message ?? null,
  };
}

function linesOf(results: readonly ChannelResult[]): readonly string[] {
  const log = ['ok', 'log', 'always there'];
  if (results.length === 0)
    return [
      ...alignColumns([log]),
      'no other channel is configured; add one to `alerts`, such as - alertmanager: { url: http://127.0.0.1:9093 }',
    ];
  const rows = results.map(({ channel, error, tookMs }) =>
    error === null
      ? ['ok', channel, `taken, and its end, in ${tookMs} ms`]
      : ['failed', channel, `${error.message} (${error.code})`],
  );
  return alignColumns([log, ...rows]);
}

/** What only this host can mend goes before what a receiver refuses, and that before what may be away. */
const classesByWeight = ['bug', 'configuration', 'usage', 'refused', 'try-again', 'unavailable'] as const;

const rank = (code: ErrorCode) => classesByWeight.indexOf(errorClasses[code]);

/** With the code of the gravest failure. One that is worth another try later is told as a receiver that is away. */
function conclusion(failed: readonly ChannelResult[], count: number): TokenwardError {
  const codes = failed.flatMap(({ error }) => error?.code ?? []);
  const [gravest = 'INTERNAL'] = codes.toSorted((a, b) => rank(a) - rank(b));
  const code = exitCodes[errorClasses[gravest]] === exitCodes['try-again'] ? 'SERVER_TROUBLE' : gravest;
  const advice = 'see above, and docs/alerts.md; then run `tokenward alerts test` again';
  return new TokenwardError(code, `${failed.length} of ${count} channels did not take the test; ${advice}`);
}
