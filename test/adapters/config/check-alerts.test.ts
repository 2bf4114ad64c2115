import { afterAll, describe, expect, it } from 'vitest';
import { findingsFor } from './findings.ts';
import { temporaryFolder } from './folder.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const findings = (alerts: string) => findingsFor(folder.path, { alerts });

describe('the channels of alerts', () => {
  it('are in order where files and programs are there', async () => {
    folder.write('private', 'https://hooks.example.com/T0\n', 0o600);
    expect(
      await findings(
        '[{ log: {} }, { alertmanager: { url: https://am.example.com, bearer_token_file: private } }, { webhook: { url_file: private, hmac_key_file: private } }, { exec: [/bin/sh] }]',
      ),
    ).toEqual([]);
  });

  it.each([
    [
      '{ webhook: { url_file: none } }',
      'error KEY_FILE_UNUSABLE alerts[0].webhook.url_file: the url file',
      'is missing',
    ],
    [
      '{ webhook: { url: https://h.example.com, hmac_key_file: open } }',
      'error KEY_FILE_UNUSABLE alerts[0].webhook.hmac_key_file: the hmac key file',
      'run: chmod 0600',
    ],
    [
      '{ alertmanager: { url: https://am.example.com, tls: { ca_file: none } } }',
      'error CONFIG_INVALID alerts[0].alertmanager.tls.ca_file:',
      'does not exist',
    ],
    [
      '{ exec: [/nowhere/page-me] }',
      'error OUTPUT_UNUSABLE alerts[0].exec:',
      'there is no program /nowhere/page-me',
    ],
    ['{ exec: [/etc/passwd] }', 'error OUTPUT_UNUSABLE alerts[0].exec:', 'chmod +x /etc/passwd'],
  ])('%s: %s', async (entry, place, advice) => {
    folder.write('open', 'a line\n', 0o644);
    folder.write('far', 'http://hooks.example.com/T0\n');
    const [first = '', ...others] = await findings(`[${entry}]`);
    expect(others).toEqual([]);
    expect(first.startsWith(place), first).toBe(true);
    expect(first).toContain(advice);
  });
});
