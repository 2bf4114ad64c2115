import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { secretStoreOpener, type SecretStoreConfig } from '../../../src/secrets/registry.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';

const { signal } = new AbortController();

function openerOn(disk: MemoryDisk, env: Record<string, string> = {}) {
  return secretStoreOpener({
    uid: 0,
    env,
    keychainProgram: { execPath: '/nonexistent', script: 'keychain-child.js' },
    disk,
    random: systemRandom,
    clock: new ManualClock(),
  });
}

const keyFile = { kind: 'key-file', path: '/state/wrapping.key' } as const;
const place = { agent: 'web-01', folder: '/state/agents/web-01' };

describe('the store of an agent', () => {
  it.each<[SecretStoreConfig, string]>([
    [{ store: 'memory' }, 'memory:/state/agents/web-01'],
    [{ store: 'file', key: keyFile }, 'file:/state/agents/web-01'],
    [{ store: 'keychain', deadlineMs: 5_000 }, 'keychain:0:tokenward/web-01'],
  ])('is what the configuration says: %o', (config, identity) => {
    const store = openerOn(new MemoryDisk())(config, place);
    expect(store.kind).toBe(config.store);
    expect(store.identity).toBe(identity);
  });
});

describe('the wrapping key of the file store', () => {
  it('is made where the configuration says', async () => {
    const disk = new MemoryDisk();
    disk.seedFolder('/state');
    await openerOn(disk)({ store: 'file', key: keyFile }, place).createKey(signal);
    expect([...disk.files().keys()]).toEqual(['/state/wrapping.key']);
  });

  it('is read from a credential', async () => {
    const disk = new MemoryDisk();
    disk.seed('/run/credentials/tokenward/key', Buffer.alloc(32, 7).toString('base64'));
    const open = openerOn(disk, { CREDENTIALS_DIRECTORY: '/run/credentials/tokenward' });
    const store = open({ store: 'file', key: { kind: 'credential', name: 'key' } }, place);
    expect((await store.load(signal)).key).toEqual(new Uint8Array(32).fill(7));
  });
});

it('asks the keychain through the program that it was given', async () => {
  const store = openerOn(new MemoryDisk())({ store: 'keychain', deadlineMs: 5_000 }, place);
  const cause = expect.objectContaining({ code: 'ENOENT' }) as Error;
  await expect(store.load(signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause });
});
