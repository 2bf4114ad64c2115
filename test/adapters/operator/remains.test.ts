import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { AgentRemains } from '../../../src/domain/remains.ts';
import { addMs, type Stamp } from '../../../src/domain/stamp.ts';
import { FileJournal } from '../../../src/journal/file-journal.ts';
import { readRemains } from '../../../src/operator/remains.ts';
import { createFileLocks } from '../../../src/platform/file-locks.ts';
import { loadNative } from '../../../src/platform/native.ts';
import { createSystemClock } from '../../../src/platform/system-clock.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { encodeKey } from '../../../src/secrets/key-source.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { attempt, minute, record, refusal, token } from '../../unit/domain/fixtures.ts';
import { Stage, type StageOptions } from '../cli/stage.ts';

const key = new Uint8Array(32).fill(7);
const native = await loadNative();

/** A stage whose agent web-01 has been at work: a record, a session of 30 minutes sent a minute ago, a secret, a token file. */
async function used(options: StageOptions = {}, over: Parameters<typeof record>[0] = {}): Promise<Stage> {
  const stage = new Stage({ agent: 'files: [{ path: ./token }]', ...options });
  const folder = stage.path('state/agents/web-01');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  stage.write('state/wrapping.key', Buffer.from(encodeKey(key)).toString());
  const journal = new FileJournal({ disk: systemDisk, random: systemRandom, folder, agent: 'web-01' });
  await journal.open(key);
  const now = createSystemClock(native).now();
  await journal.saveRecord(
    record({ lastExchange: { at: minuteBefore(now), outcome: 'granted', code: null }, ...over }),
  );
  await journal.saveSession(token({ sentAt: minuteBefore(now) }));
  writeFileSync(join(folder, 'secret.sealed'), 'never opened');
  stage.write('token', 'token');
  return stage;
}

function minuteBefore(now: Stamp): Stamp {
  return addMs(now, -minute);
}

async function look(stage: Stage, env: NodeJS.ProcessEnv = {}): Promise<readonly AgentRemains[]> {
  const { stateDir, agents } = loadConfig(stage.config, { env: {}, uid: process.geteuid?.() ?? 0 });
  return readRemains({ stateDir, agents, env });
}

/** Every entry below the folder with its content and times. */
function snapshot(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mtimeMs, ctimeMs, mode } = lstatSync(path);
      const content = entry.isFile() ? readFileSync(path, 'base64') : '';
      return `${path} ${mtimeMs} ${ctimeMs} ${mode} ${content}`;
    })
    .toSorted();
}

describe('what is left without a daemon', () => {
  it('is read as it is, and nothing is changed by looking', async () => {
    using stage = await used();
    const before = snapshot(stage.folder);
    const [agent, other] = await look(stage);
    expect(snapshot(stage.folder)).toEqual(before);
    expect(agent).toMatchObject({
      agent: 'web-01',
      state: null,
      token: { status: 'valid', sequence: 3 },
      secret: { status: 'held', generation: 3, store: 'file' },
      last_exchange: { outcome: 'granted' },
      open_attempt: false,
      holder: { status: 'none', pid: null },
      kept_answers: 0,
      set_aside: [],
      token_files: [{ path: stage.path('token'), status: 'current' }],
      unread: null,
    });
    expect(agent?.token?.expires_in).toBeGreaterThan(28 * 60);
    expect(agent?.files.map(({ name }) => name)).toEqual([
      'journal.sealed',
      'secret.sealed',
      'session.sealed',
    ]);
    expect(other).toMatchObject({
      agent: 'web-02',
      secret: { status: 'absent', store: 'memory' },
      unread: null,
    });
    // what a Secret prints as
    expect(JSON.stringify([agent, other])).not.toContain('[secret]');
  });

  it('makes no folder where there is none', async () => {
    using stage = new Stage();
    const before = snapshot(stage.folder);
    const [agent] = await look(stage);
    expect(snapshot(stage.folder)).toEqual(before);
    expect(agent).toMatchObject({
      token: { status: 'none' },
      secret: { status: 'absent', generation: 0 },
      files: [],
      unread: null,
    });
  });

  it('tells a refusal, an open attempt, kept answers and what was set aside', async () => {
    using stage = await used({}, { refusal: refusal('refused'), intent: attempt() });
    const folder = stage.path('state/agents/web-01');
    writeFileSync(join(folder, `raw-${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.sealed`), 'sealed');
    writeFileSync(join(folder, '.journal.sealed.leftover'), 'cut');
    mkdirSync(join(folder, 'set-aside-2027-01-01T00-00-00Z'));
    const [agent] = await look(stage);
    expect(agent).toMatchObject({
      secret: { status: 'refused' },
      open_attempt: true,
      kept_answers: 1,
      set_aside: ['set-aside-2027-01-01T00-00-00Z'],
    });
    expect(agent?.files).toHaveLength(4);
  });

  it('names the process that holds the agent', async () => {
    using stage = await used();
    const lock = await createFileLocks(native).tryAcquire(stage.path('state/agents/web-01/lock'));
    expect((await look(stage))[0]?.holder).toEqual({ status: 'held', pid: process.pid });
    if (lock.held) await lock.release();
  });

  it('knows its token in a file of another format', async () => {
    using stage = await used({ agent: 'files: [{ path: ./token, format: header }]' });
    const statuses = [];
    for (const content of ['Authorization: Bearer token\n', 'token']) {
      stage.write('token', content);
      statuses.push((await look(stage))[0]?.token_files.map(({ status }) => status));
    }
    expect(statuses).toEqual([['current'], ['other']]);
  });

  it.each([
    ['another', 'another token', 'other'],
    ['none', null, 'missing'],
  ])('tells a token file with %s token', async (_what, content, status) => {
    using stage = await used();
    if (content === null) rmSync(stage.path('token'));
    else stage.write('token', content);
    expect((await look(stage))[0]?.token_files).toEqual([{ path: stage.path('token'), status }]);
  });
});

describe('what cannot be read is said', () => {
  const unknown = { token: null, secret: { status: null, generation: null }, open_attempt: null };

  it.each([
    ['a keychain, which is not asked', { store: '{ store: keychain }' }, /keychain, which could prompt/],
    [
      'a credential of the unit',
      { store: '{ store: file, credential: key }' },
      /systemd credential key, which only the unit/,
    ],
  ])('%s', async (_what, options, reason) => {
    using stage = await used(options);
    const [agent] = await look(stage, { PATH: '/nowhere' });
    expect(agent).toMatchObject(unknown);
    expect(agent?.unread).toMatch(reason);
    expect(agent?.files).toHaveLength(3);
    expect(agent?.token_files).toMatchObject([{ status: 'unread' }]);
  });

  it('a credential can be read where this process has it', async () => {
    using stage = await used({ store: '{ store: file, credential: key }' });
    stage.write('key', Buffer.from(encodeKey(key)).toString());
    expect((await look(stage, { CREDENTIALS_DIRECTORY: stage.folder }))[0]?.unread).toBeNull();
  });

  it('a key that is gone, or another one', async () => {
    using stage = await used();
    stage.write('state/wrapping.key', Buffer.from(encodeKey(new Uint8Array(32))).toString());
    expect((await look(stage))[0]?.unread).toMatch(
      /does not open its records; run `tokenward recover web-01`/,
    );
    rmSync(stage.path('state/wrapping.key'));
    expect((await look(stage))[0]?.unread).toMatch(/wrapping key of its records is missing/);
  });

  it('a key that others may read', async () => {
    using stage = await used();
    chmodSync(stage.path('state/wrapping.key'), 0o644);
    expect((await look(stage))[0]?.unread).toMatch(/chmod 0600/);
  });

  it('memory that a process has', async () => {
    using stage = new Stage();
    mkdirSync(stage.path('state/agents/web-02'), { recursive: true });
    const lock = await createFileLocks(native).tryAcquire(stage.path('state/agents/web-02/lock'));
    const [, agent] = await look(stage);
    expect(agent).toMatchObject(unknown);
    expect(agent?.unread).toMatch(/in the memory of that process only/);
    if (lock.held) await lock.release();
  });
});

describeRoot('another user', () => {
  it('is told what it may not see, and how to see it', async () => {
    using stage = await used();
    chmodSync(stage.folder, 0o755);
    const { stateDir, agents } = loadConfig(stage.config, { env: {}, uid: 0 });
    process.seteuid?.(strangers.alice);
    try {
      const [agent] = await readRemains({ stateDir, agents, env: {} });
      expect(agent).toMatchObject({ token: null, holder: { status: 'unknown', pid: null }, files: [] });
      expect(agent?.unread).toBe(
        `this user may not read ${stage.path('state/agents/web-01')}; run \`sudo tokenward status\``,
      );
    } finally {
      process.seteuid?.(0);
    }
  });
});
