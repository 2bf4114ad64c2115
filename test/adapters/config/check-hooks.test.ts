import { afterAll, describe, expect, it } from 'vitest';
import { findingsFor } from './findings.ts';
import { temporaryFolder } from './folder.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const findings = (hooks: string, files = '[{ path: web-01.token }]', more = '') =>
  findingsFor(folder.path, { agent: `files: ${files}, hooks: ${hooks}${more}` });
const two = (timeout: string) =>
  `[{ exec: [/bin/sh], timeout: ${timeout} }, { exec: [/bin/sh], timeout: 1m }]`;

describe('hooks', () => {
  it('are in order where programs are there, and pid files are, or are not', async () => {
    folder.write('a.pid', '4242\n');
    expect(
      await findings(
        '[{ exec: [/bin/sh] }, { signal: HUP, pid_file: a.pid }, { signal: HUP, pid_file: none.pid }, { signal: HUP, unit: a.service }, { http: { url: "http://127.0.0.1:2020/" } }]',
      ),
    ).toEqual([]);
  });

  it.each([
    ['{ exec: [/nowhere/reload] }', 'error HOOK_FAILED agents.web-01.hooks[0].exec:', 'there is no program'],
    [
      '{ signal: HUP, pid_file: open.pid }',
      'warning HOOK_FAILED agents.web-01.hooks[0].pid_file:',
      'chmod go-w',
    ],
    [
      '{ signal: HUP, pid_file: init.pid }',
      'warning HOOK_FAILED agents.web-01.hooks[0].pid_file:',
      'process 1',
    ],
    [
      '{ http: { url: "https://a.example.com/", tls: { ca_file: none } } }',
      'error CONFIG_INVALID agents.web-01.hooks[0].http.tls.ca_file:',
      'does not exist',
    ],
  ])('%s: %s', async (entry, place, advice) => {
    folder.write('open.pid', '4242\n', 0o666);
    folder.write('init.pid', '1\n');
    const [first = '', ...others] = await findings(`[${entry}]`);
    expect(others).toEqual([]);
    expect(first.startsWith(place), first).toBe(true);
    expect(first).toContain(advice);
  });

  it('run nothing that everybody may change', async () => {
    const program = folder.write('reload', '#!/bin/sh\n', 0o777);
    expect(await findings(`[{ exec: [${program}] }]`)).toEqual([
      expect.stringMatching(
        /^warning HOOK_FAILED agents\.web-01\.hooks\[0\]\.exec: everybody may change .*chmod o-w/,
      ),
    ]);
  });

  it('without files are thought to be a mistake', async () => {
    expect(await findings('[{ exec: [/bin/sh] }]', '[]')).toEqual([
      expect.stringMatching(/^warning CONFIG_INVALID agents\.web-01\.hooks: there are no `files`/),
    ]);
  });

  it('should be done before the old token ends', async () => {
    expect(await findings(two('3m'))).toEqual([]);
    expect(await findings(two('4m'))).toEqual([
      expect.stringMatching(
        /^warning CONFIG_INVALID agents\.web-01\.hooks: together they may take 5m, .* 270s left/,
      ),
    ]);
    expect(await findings(two('4m'), undefined, ', refresh: { at: 0.5, jitter: 0.1 }')).toEqual([]);
  });
});
