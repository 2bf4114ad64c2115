import { asTokenwardError, TokenwardError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { adminCredential, adminCredentialOption } from './admin-credential.ts';
import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { proveHandOver } from './hand-over-proof.ts';
import { reportHandOver } from './hand-over-report.ts';
import { handOver, type HandOverResult, type Recipient } from './hand-over.ts';
import { agentNamed } from './lookup.ts';
import { uninterrupted } from './patience.ts';
import { mustCreateSecrets } from './product-check.ts';
import { readConfiguration } from './read-configuration.ts';

export const enrollCommand = defineCommand({
  usage: 'enroll <agent>',
  summary: 'create a secret at the server and take it over',
  description: `Creates a new secret for the agent at its server, with the credential of an administrator, and hands
it to the running daemon, which exchanges it at once. Where no daemon runs, it is stored for the
next start. The secret is never shown. The administrator's credential is used once and not kept;
it is never an argument, but comes from a file, standard input or a hidden prompt. Only for servers
that create secrets on request (vcf-logs); for others make one there and run import.`,
  positionals: agentArgument,
  options: {
    ...jsonOption,
    ...adminCredentialOption,
    name: {
      type: 'string',
      requiresArg: true,
      describe: 'name of the secret at the server [default: that of the agent]',
    },
  },
  examples: [
    ['enroll web-01', "ask for the administrator's token at a hidden prompt"],
    ['enroll web-01 --admin-token-file admin.token', 'read it from a file that nobody else may read'],
    ['enroll web-01 --name web-01-b', 'where the server still has a secret web-01'],
  ],
  tooMany:
    'enroll takes the name of one agent and nothing else; a credential is never an argument: name its file with --admin-token-file FILE',
  run: async ({ agent: agentName, adminTokenFile, name = agentName, config: path, json }, program) => {
    const config = readConfiguration(path, program);
    const agent = agentNamed(config, agentName);
    mustCreateSecrets(agent);
    const recipient = { config, agent, program };
    await proveHandOver(recipient);
    const admin = await adminCredential(`enroll ${agentName}`, adminTokenFile);
    reportHandOver(
      agentName,
      await uninterrupted(() => createAndHandOver(recipient, name, admin)),
      json,
      program,
    );
  },
});

async function createAndHandOver(recipient: Recipient, name: string, admin: Secret): Promise<HandOverResult> {
  const { config, agent, program } = recipient;
  const { createAgentSecret } = await import('../operator.ts');
  const secret = await createAgentSecret({ config, agent: agent.name, ...program }, name, admin);
  try {
    return await handOver(recipient, secret);
  } catch (error) {
    throw leftBehind(name, agent.name, error);
  }
}

/** The server has a secret now that nobody else has: the user must know what became of it. */
function leftBehind(name: string, agent: string, cause: unknown): TokenwardError {
  const { code, message, retryAfterMs } = asTokenwardError(cause);
  const advice = `unless \`tokenward status ${agent}\` shows it in use, revoke ${name} at the server and enrol again, or enrol at once under another name with --name`;
  return new TokenwardError(
    code,
    `the server has created the secret ${name}, but it was not taken over: ${message}; ${advice}`,
    { cause, ...(retryAfterMs !== null && { retryAfterMs }) },
  );
}
