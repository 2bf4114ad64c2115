import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { alertChannels } from '../../../src/composition/alert-channels.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import type { AlertChannel, AlertNotice } from '../../../src/ports/alert-channel.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

export const host = hostname();

/** A folder for the files of a configuration, and the channels that it makes. */
export class ChannelSite implements AsyncDisposable {
  readonly folder: string;
  readonly clock = new ManualClock({ wallMs: Date.UTC(2026, 0, 1, 12) });

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<ChannelSite> {
    return new ChannelSite(await mkdtemp(join(tmpdir(), 'tokenward-alerts-')));
  }

  /** Its path. */
  async file(name: string, content: string, mode = 0o600): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    await chmod(path, mode);
    return path;
  }

  /** The channels of these entries, as a user writes them. */
  channels(entries: readonly object[], env: NodeJS.ProcessEnv = {}): readonly AlertChannel[] {
    const agent = { provider: 'vcf-logs', url: 'https://logs.example.com', secret: { store: 'memory' } };
    const config = { agents: { 'web-01': agent }, alerts: entries };
    const { alerts } = parseConfig(JSON.stringify(config), join(this.folder, 'config.yaml'), {});
    return alertChannels(alerts, { disk: systemDisk, clock: this.clock, env });
  }

  channel(entry: object, env: NodeJS.ProcessEnv = {}): AlertChannel {
    return this.channels([entry], env)[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function notice(changes: Partial<AlertNotice> = {}): AlertNotice {
  return {
    agent: 'web-01',
    code: 'SECRET_REVOKED',
    severity: 'critical',
    since: '2026-01-01T11:59:00.000Z',
    summary: 'the server refuses the secret of web-01; run `tokenward enroll web-01`',
    status: 'firing',
    ordinal: 1,
    endedAt: null,
    superseded: false,
    flapped: 0,
    ...changes,
  };
}

export function resolved(changes: Partial<AlertNotice> = {}): AlertNotice {
  return notice({ status: 'resolved', endedAt: '2026-01-01T12:00:00.000Z', ...changes });
}

/** Nobody gives up. */
export const patient = new AbortController().signal;
