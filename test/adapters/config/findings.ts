import { join } from 'node:path';
import { checkConfig, type CheckContext } from '../../../src/config/check.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { readPrivateLine } from '../../../src/platform/private-file.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { createUsers } from '../../../src/platform/users.ts';

export const context: CheckContext = {
  users: createUsers(),
  uid: process.geteuid?.() ?? 0,
  env: {},
  now: new Date('2027-01-01T00:00:00Z'),
  readKey: () => Promise.resolve(null),
  readPrivate: (path, what) => readPrivateLine(systemDisk, process.geteuid?.() ?? 0, { path, what }),
};

export interface Parts {
  readonly top?: string;
  readonly agent?: string;
  readonly secret?: string;
  readonly listeners?: string;
  readonly alerts?: string;
}

/** Checks a configuration that is in order but for these parts. Findings come as `severity CODE path: message`. */
export async function findingsFor(
  folder: string,
  parts: Parts,
  changes: Partial<CheckContext> = {},
): Promise<string[]> {
  const {
    top = `state_dir: ${folder}`,
    agent = '',
    secret = '{ store: file }',
    listeners = '[]',
    alerts = '[]',
  } = parts;
  const text = `${top}
allow_ephemeral: true
agents:
  web-01: { provider: vcf-logs, url: https://logs.example.com, secret: ${secret}, ${agent} }
listeners: ${listeners}
alerts: ${alerts}
`;
  const config = parseConfig(text, join(folder, 'config.yaml'), {});
  const findings = await checkConfig(config, { ...context, ...changes });
  return findings.map(({ severity, code, path, message }) => `${severity} ${code} ${path}: ${message}`);
}
