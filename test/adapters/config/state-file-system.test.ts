import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import { stateFileSystemError } from '../../../src/config/state-file-system.ts';
import type { FileSystemProbe } from '../../../src/platform/file-system.ts';

const nfs: FileSystemProbe = { statfs: async () => ({ type: 0x6969 }), mountTable: async () => '' };
const tmpfs: FileSystemProbe = { ...nfs, statfs: async () => ({ type: 0x0102_1994 }) };

/** What a start on such a host says of this configuration. */
async function said(probe: FileSystemProbe, top: string, store = 'file'): Promise<unknown> {
  const agent = `{ provider: vcf-logs, url: https://logs.example.com, secret: { store: ${store} } }`;
  const text = `state_dir: /srv/state\n${top}\nagents: { web-01: ${agent} }\n`;
  const error = await stateFileSystemError(parseConfig(text, '/etc/config.yaml', {}), probe);
  return error === null ? null : `${error.code} ${error.exitCode} ${error.message}`;
}

describe('state on a network file system', () => {
  it('is refused by the name of the file system and of the key that allows it', async () => {
    expect(await said(nfs, '')).toBe(
      'STATE_DIR_NETWORK 78 /srv/state is on nfs, where a lock may not keep out other hosts and a saved secret may not be on a disk yet; put state_dir on a disk of this host, or take that risk with allow_network_filesystem: true',
    );
  });

  it('is allowed by its own key only, and where nothing is kept', async () => {
    expect(await said(nfs, 'allow_network_filesystem: true')).toBeNull();
    expect(await said(nfs, 'allow_ephemeral: true')).toContain('STATE_DIR_NETWORK');
    expect(await said(nfs, '', 'memory')).toBeNull();
    expect(await said(nfs, '', 'keychain')).toContain('STATE_DIR_NETWORK');
  });
});

describe('state on a file system that forgets', () => {
  it('is allowed by its own key only', async () => {
    expect(await said(tmpfs, '')).toContain('STATE_DIR_EPHEMERAL 78 /srv/state is on tmpfs');
    expect(await said(tmpfs, 'allow_ephemeral: true')).toBeNull();
    expect(await said(tmpfs, 'allow_network_filesystem: true')).toContain('STATE_DIR_EPHEMERAL');
  });
});
