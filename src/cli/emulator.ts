import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { tcpAddress } from '../config/values.ts';
import { parseDuration } from '../domain/duration.ts';
import { TokenwardError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { Emulator, EmulatorOptions } from '../emulator/start-emulator.ts';
import { rotationPolicies } from '../emulator/vcf-logs/rotation-policy.ts';
import { errorCode } from '../platform/system-error.ts';
import { defineCommand } from './command.ts';
import { emulatorGuide } from './emulator-guide.ts';
import { endSignal } from './end-signal.ts';
import { print, remark } from './output.ts';
import { readSecretFile } from './secret-input.ts';
import { createThrowAwayTls } from './throw-away-tls.ts';

export const emulatorCommand = defineCommand({
  usage: 'emulator',
  summary: 'run a server to try everything with',
  description: `Runs a server that speaks the APIs that tokenward uses, keeps everything in memory and forgets it at
its end: vcf-logs, Onezone and F5 Distributed Cloud, all at one address, and an ingestion that takes
their tokens. For trying out tokenward and log shippers; it protects nothing. It counts what it is
asked, and fails on request: what it prints at its start says how. Its log is on standard error.`,
  positionals: {},
  options: {
    listen: {
      type: 'string',
      requiresArg: true,
      default: '127.0.0.1:0',
      describe: 'HOST:PORT; port 0 lets the system choose',
    },
    policy: {
      choices: rotationPolicies,
      default: 'strict',
      describe: 'what becomes of a secret when it is rotated',
    },
    grace: {
      type: 'string',
      requiresArg: true,
      default: '60s',
      describe: 'how long an old secret works under --policy grace',
    },
    'admin-token-file': {
      type: 'string',
      requiresArg: true,
      describe: "file with the administrator's bearer token [default: the token is emulator-admin]",
    },
    'tls-dir': {
      type: 'string',
      requiresArg: true,
      describe: 'speak HTTPS with a throw-away certificate, and write its authority to ca.pem in this folder',
    },
    'client-ca': {
      type: 'string',
      requiresArg: true,
      describe: 'let in only clients with a certificate of this authority (PEM file); needs --tls-dir',
    },
  },
  examples: [
    ['emulator', 'plain HTTP at a free port'],
    ['emulator --listen 127.0.0.1:8443 --tls-dir ./tls', 'HTTPS; clients trust ./tls/ca.pem'],
    ['emulator --policy grace --grace 5m', 'an old secret works for 5 minutes more'],
  ],
  run: async (given) => {
    const { host, port } = parseAddress(given.listen);
    const { policy, adminTokenFile, tlsDir, clientCa } = given;
    if (clientCa !== undefined && tlsDir === undefined) throw usage('--client-ca needs --tls-dir');
    const tls = tlsDir === undefined ? null : await createThrowAwayTls(tlsDir, host);
    const admin =
      adminTokenFile === undefined
        ? null
        : await readSecretFile(adminTokenFile, 'token of the administrator');
    const ended = endSignal();
    await using emulator = await start({
      adminToken: (admin ?? defaultAdmin).reveal(),
      policy,
      graceMs: parseGrace(given.grace),
      host,
      port,
      log: (line) => remark(`${new Date().toISOString()} ${line}`),
      ...(tls !== null && { tls: tls.identity }),
      ...(clientCa !== undefined && { clientCa: await readClientCa(clientCa) }),
    });
    print(
      ...emulatorGuide({
        url: emulator.url,
        policy,
        caFile: tls?.caFile ?? null,
        adminTokenFile: adminTokenFile ?? null,
      }),
    );
    await ended;
  },
});

/** Known to everybody on purpose: it guards nothing but an emulator. */
const defaultAdmin = new Secret('emulator-admin');

async function start(options: EmulatorOptions): Promise<Emulator> {
  const { startEmulator } = await import('../emulator/start-emulator.ts');
  try {
    return await startEmulator(options);
  } catch (error) {
    const code = errorCode(error);
    const address = `${options.host}:${options.port}`;
    if (code === 'EADDRINUSE') {
      throw new TokenwardError('ADDRESS_IN_USE', `${address} is taken; choose another --listen, or port 0`, {
        cause: error,
      });
    }
    if (code === undefined) throw error;
    throw usage(`cannot listen on ${address} with these options (${code}); choose another --listen`, error);
  }
}

function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const result = v.safeParse(tcpAddress(), text);
  if (result.success) return result.output;
  throw usage(`--listen: ${result.issues[0].message}`);
}

function parseGrace(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw usage('--grace: expected a duration with its unit, such as 500ms, 30s or 1h30m');
  return ms;
}

async function readClientCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    throw usage(`--client-ca: cannot read ${path} (${errorCode(error) ?? 'unknown error'})`, error);
  }
}

function usage(message: string, cause?: unknown): TokenwardError {
  return new TokenwardError('USAGE', `${message}; see \`tokenward emulator --help\``, { cause });
}
