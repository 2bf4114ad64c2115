import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Haystack } from '../../support/haystack.ts';
import { Installation, type InstallationOptions } from '../../support/installation.ts';
import { createKeychainSite } from '../../support/keychain-site.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';
import { childrenOf, type ProcessEntry } from '../../support/processes.ts';
import { Life, wrongSecret } from './life.ts';

/**
 * A whole life of an agent with its log at debug, and then the search for every credential that there ever was in everything
 * that somebody else might read. Only the token file and the answers with a token may have one.
 */

/** Fit for a header, and different in every form that it could be written in. */
const adminToken = 'administrator/"quoted"+\\%20&<tag>=';

interface Issuing {
  readonly options: InstallationOptions;
  readonly metricsPort: number;
  /** Every credential that there is; grows while the emulator makes more. */
  readonly credentials: string[];
}

async function issuing(): Promise<Issuing> {
  const credentials = [adminToken, wrongSecret];
  const random = (count: number): Uint8Array => {
    const bytes = randomBytes(count);
    // secrets have 32 bytes and tokens 48; shorter ones are ids
    if (count >= 32) credentials.push(bytes.toString('base64url'));
    return bytes;
  };
  const metricsPort = await freePort();
  const listeners = [{ tcp: `127.0.0.1:${metricsPort}`, serves: ['health', 'metrics'] }];
  const options = {
    emulator: { adminToken, random },
    config: { agent: { exchange_deadline: '1s' }, listeners },
  };
  return { options, metricsPort, credentials };
}

/** That the search would find what it says is not there. */
function expectSharpSight(haystack: Haystack, credentials: readonly string[], token: string): void {
  expect(credentials).toContain(token);
  const control = new Haystack();
  control.add('text', `before${token}after`);
  control.add('JSON', Buffer.from(JSON.stringify({ token: JSON.stringify({ wrongSecret }) })));
  control.add('base64', Buffer.from(`Bearer ${token}!`).toString('base64'));
  control.add('hex', Buffer.from(token).toString('hex'));
  const found = control.find(credentials).map((each) => each.split(':')[0]);
  expect(new Set(found)).toEqual(new Set(['text', 'JSON', 'base64', 'hex']));
  const places = ['cmdline of the daemon', 'environ of the daemon', 'log', 'metrics', 'statuses', 'problem'];
  const files = ['state/agents/', 'journal.sealed', 'session.sealed', 'raw-', 'config.yaml', '/tokenward-'];
  const commands = ['enroll', 'import', 'refresh', 'status', 'token', 'check'].map(
    (name) => `what ${name} wrote`,
  );
  for (const place of [...places, ...files, ...commands])
    expect({ place, count: haystack.count(place) }).not.toEqual({ place, count: 0 });
}

/** A child of the process that runs this, once there is one. */
function childOf(parent: number, words: string): Promise<ProcessEntry> {
  return eventually(async () => {
    const child = (await childrenOf(parent)).find(({ command }) =>
      command.some((each) => each.endsWith(words)),
    );
    if (child === undefined) throw new Error(`process ${parent} has no child ${words}`);
    return child;
  });
}

describePart(['curl'], 'no secret and no token is seen by others', () => {
  it('in the whole life of an agent with a sealed file', async () => {
    const { options, metricsPort, credentials } = await issuing();
    await using site = await Installation.create(options);
    const life = new Life(site, metricsPort);
    await life.live();
    const token = await site.token();
    expect(await life.findings(credentials)).toEqual([]);
    expectSharpSight(life.haystack, credentials, token);
  });
});

describePart(['curl', ...keyringParts], 'no secret and no token is seen by others', () => {
  it('in the whole life of an agent with a keychain', async () => {
    const { options, metricsPort, credentials } = await issuing();
    await using kept = await createKeychainSite(options);
    const { site, keyring } = kept;
    const life = new Life(site, metricsPort);
    await life.live();
    const token = await site.token();
    await life.haystack.addFolder(keyring.env['HOME']!);
    expect(await life.findings(credentials)).toEqual([]);
    expectSharpSight(life.haystack, credentials, token);
  });

  it('in the processes that are in the middle of a call to the keychain', async () => {
    const { options, credentials } = await issuing();
    await using kept = await createKeychainSite(options);
    const { site, keyring } = kept;
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    const haystack = new Haystack();

    keyring.signalDaemon('SIGSTOP');
    const refused = site.cli(['import', site.agent], { stdin: wrongSecret });
    const command = await childOf(process.pid, 'import');
    await haystack.addProcess(command.pid, 'import');
    await haystack.addProcess(
      (await childOf(daemon.pid, 'keychain-child.js')).pid,
      'the child of the daemon',
    );
    await haystack.addProcess(daemon.pid, 'the daemon');
    expect((await refused).exitCode).not.toBe(0);
    await daemon.end('SIGKILL');

    const alone = site.cli(['import', site.agent], { stdin: wrongSecret });
    const parent = await childOf(process.pid, 'import');
    await haystack.addProcess(
      (await childOf(parent.pid, 'keychain-child.js')).pid,
      'the child of the command',
    );
    keyring.signalDaemon('SIGCONT');
    const { stdout, stderr } = await alone;
    haystack.add('what the command wrote', stdout + stderr);
    expect(haystack.count('cmdline')).toBe(4);
    expect(haystack.find(credentials)).toEqual([]);
  });
});
