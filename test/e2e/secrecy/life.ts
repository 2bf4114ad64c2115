import { rm } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Fault } from '../../../src/emulator/faults.ts';
import { lockFolder } from '../../../src/platform/lock-folder.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { reportArguments, takeReport } from '../../support/api/curl-report.ts';
import { eventually } from '../../support/eventually.ts';
import { Haystack } from '../../support/haystack.ts';
import type { Installation } from '../../support/installation.ts';
import { runProgram } from '../../support/run-program.ts';

/** No server has issued it. Different in every form that it could be written in. */
export const wrongSecret = 'wrong "secret"/+\\ with % and & and é';

/** The life of an agent as its administrator leads it, and everything that others can see of it. */
export class Life {
  readonly site: Installation;
  readonly haystack = new Haystack();
  readonly #metricsPort: number;

  constructor(site: Installation, metricsPort: number) {
    this.site = site;
    this.#metricsPort = metricsPort;
  }

  /** Runs a command and keeps what it writes. */
  async command(args: readonly string[], stdin?: string): Promise<number | null> {
    const { exitCode, stdout, stderr } = await this.site.cli(args, { stdin });
    this.haystack.add(`what ${args[0]} wrote`, `${args[0] === 'token' ? '' : stdout}${stderr}`);
    return exitCode;
  }

  async enroll(): Promise<void> {
    const { agent, adminTokenFile } = this.site;
    expect(await this.command(['enroll', agent, '--admin-token-file', adminTokenFile])).toBe(0);
  }

  /** Meets the fault with a refresh, waits until all is well again, and looks at what can be seen meanwhile. */
  async fail(fault: Fault): Promise<void> {
    this.site.emulator.addFault(fault);
    expect(await this.command(['refresh', this.site.agent])).not.toBe(0);
    await this.look();
    await this.site.reaches({ token: { status: 'valid' }, secret: { status: 'held' } });
    expect(await this.command(['refresh', this.site.agent, '--wait'])).toBe(0);
  }

  /** Everything that others can see at this moment. */
  async look(): Promise<void> {
    const { site, haystack } = this;
    await haystack.addProcess(site.daemons.at(-1)!.pid, 'the daemon');
    await haystack.addFolder(site.stateDir);
    await haystack.addFolder(await lockFolder(systemDisk, process.geteuid?.() ?? 0));
    const url = `http://127.0.0.1:${this.#metricsPort}/metrics`;
    const metrics = await runProgram('curl', ['-sS', ...reportArguments, url]);
    takeReport(metrics, '/metrics');
    expect(metrics.stdout).toContain('tokenward_build_info');
    haystack.add('metrics', metrics.stdout);
    const statuses = await site.ask('/v1/agents');
    expect(statuses.status).toBe(200);
    haystack.add('statuses', statuses.body);
    await this.#lookAtProblems();
  }

  async #lookAtProblems(): Promise<void> {
    const { site, haystack } = this;
    const put = ['-X', 'PUT', '--data-binary'];
    const asked = [
      { path: '/v1/agents/nobody/token', args: [] },
      { path: '/nothing', args: ['-H', `Authorization: Bearer ${await site.token()}`] },
      { path: `/v1/agents/${site.agent}/secret`, args: [...put, `${wrongSecret}\nand more`] },
      { path: `/v1/agents/${site.agent}/secret?wait=soon`, args: [...put, wrongSecret] },
    ];
    for (const { path, args } of asked) {
      const { status, body } = await site.ask(path, args);
      expect(status).toBeGreaterThanOrEqual(400);
      haystack.add(`problem at ${path}`, body);
    }
    // its answer may repeat what the caller said, but no log may
    await site.ask(`/v1/agents/${encodeURIComponent(wrongSecret)}/token`);
  }

  /** From the enrolment to the second one. */
  async live(): Promise<void> {
    const { site } = this;
    const { agent } = site;
    await this.enroll();
    site.run();
    await site.reaches({ state: 'active' });
    await this.look();
    for (const _ of [1, 2]) expect(await this.command(['refresh', agent])).toBe(0);
    for (const args of [['status'], ['status', agent, '--json'], ['token', agent], ['check']])
      expect(await this.command(args)).toBe(0);

    site.emulator.setPolicy('reusable');
    await this.fail({
      kind: 'status',
      status: 502,
      body: 'html',
      when: 'after-commit',
      endpoint: 'exchange',
    });
    await this.fail({ kind: 'truncated', keepBytes: 120, endpoint: 'exchange' });
    await this.fail({ kind: 'oversized', endpoint: 'exchange' });
    await this.fail({ kind: 'status', status: 404, endpoint: 'exchange' });
    await this.fail({ kind: 'garbage', endpoint: 'exchange' });
    await this.killInTheMiddle();

    expect(await this.command(['import', agent], wrongSecret)).toBe(77);
    expect(await this.command(['import', agent], `${wrongSecret}\nand more`)).toBe(64);
    expect(await this.command(['import', agent, wrongSecret])).toBe(64);
    expect(await this.command(['token', agent, wrongSecret])).toBe(64);
    site.emulator.revoke(agent);
    expect(await this.command(['refresh', agent])).toBe(77);
    await site.reaches({ state: expect.toBeOneOf(['revoked', 'lost']) as unknown });
    await this.look();
    await this.enroll();
    await site.reaches({ state: 'active', alerts: [] });
    await this.look();
  }

  /** What a crash leaves behind, seen before the next start tidies it up. */
  async killInTheMiddle(): Promise<void> {
    const { site } = this;
    const { granted } = site.emulator.state().exchanges;
    site.emulator.addFault({ kind: 'hang', endpoint: 'exchange', when: 'after-commit' });
    const asked = this.command(['refresh', site.agent]);
    await eventually(() => expect(site.emulator.state().exchanges.granted).toBe(granted + 1));
    await site.daemons.at(-1)?.end('SIGKILL');
    expect(await asked).not.toBe(0);
    await this.haystack.addFolder(site.stateDir);
    site.run();
    await site.reaches({ state: 'active' });
  }

  /** The logs, and everything in the installation but the files that have a credential on purpose. */
  async findings(credentials: readonly string[]): Promise<readonly string[]> {
    const { site, haystack } = this;
    for (const daemon of site.daemons) {
      await daemon.end('SIGTERM');
      haystack.add('log', daemon.output);
    }
    for (const path of [site.tokenFile, site.adminTokenFile]) await rm(path);
    await haystack.addFolder(site.folder);
    return haystack.find(credentials);
  }
}
