import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextSteps } from '../../../src/cli/systemd/next-steps.ts';
import type { InstallOptions, Purpose } from '../../../src/cli/systemd/placed-files.ts';
import { installPlan, type Step, uninstallPlan } from '../../../src/cli/systemd/plan.ts';
import { readUnitTexts } from '../../../src/cli/systemd/unit-texts.ts';
import { parseConfig } from '../../../src/config/parse.ts';

const texts = await readUnitTexts(join(import.meta.dirname, '../../../systemd'));
const purposes = {
  system: { kind: 'system' },
  user: {
    kind: 'user',
    configHome: '/home/u/.config',
    stateDir: '/home/u/.local/share/tokenward',
    uid: 1000,
  },
  package: { kind: 'package', root: '/build/pkg' },
} as const satisfies Record<string, Purpose>;

function options(kind: keyof typeof purposes, more: Partial<InstallOptions> = {}): InstallOptions {
  const program = '/opt/tokenward/tokenward.js';
  return { purpose: purposes[kind], texts, program, node: '/opt/node', systemdRuns: true, ...more };
}

function paths(steps: readonly Step[], kind: Step['do']): readonly string[] {
  return steps.flatMap((step) => (step.do === kind && step.do !== 'run' ? [step.path] : []));
}

function commandsIn(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) => (step.do === 'run' ? [step.command.join(' ')] : []));
}

function contentOf(steps: readonly Step[], path: string): string {
  return steps.flatMap((step) => (step.do === 'file' && step.path === path ? [step.content] : []))[0] ?? '';
}

function userCommands(hasState: boolean): readonly string[] {
  return commandsIn(uninstallPlan(options('system'), { hasState })).filter((line) => line.includes('del '));
}

describe('a service of the system', () => {
  const plan = installPlan(options('system'));

  it('has its units, its user and its folders, and nothing is enabled', () => {
    expect(paths(plan, 'file')).toEqual([
      '/etc/tokenward/config.yaml',
      '/etc/tokenward/keyring/bus.conf',
      '/etc/tokenward/keyring/org.freedesktop.secrets.service',
      '/etc/sysusers.d/tokenward.conf',
      '/etc/tmpfiles.d/tokenward.conf',
      '/etc/systemd/system/tokenward-keyring.service',
      '/etc/systemd/system/tokenward.service',
      '/etc/systemd/system/tokenward.socket',
    ]);
    expect(commandsIn(plan)).toEqual([
      'systemd-sysusers /etc/sysusers.d/tokenward.conf',
      'systemd-tmpfiles --create /etc/tmpfiles.d/tokenward.conf',
      'systemctl daemon-reload',
    ]);
  });

  it('makes each folder before what is in it', () => {
    const folders = paths(plan, 'folder');
    for (const path of paths(plan, 'file')) expect(folders).toContain(join(path, '..'));
    expect(plan.findLastIndex((step) => step.do === 'folder')).toBeLessThan(
      plan.findIndex((step) => step.do === 'file'),
    );
  });

  it('runs the program and the Node that were named', () => {
    expect(contentOf(plan, '/etc/systemd/system/tokenward.service')).toContain(
      '\nExecStart=/opt/node --disable-sigusr1 /opt/tokenward/tokenward.js run\n',
    );
    const odd = installPlan(options('system', { node: '/opt/my node/%n$x' }));
    expect(contentOf(odd, '/etc/systemd/system/tokenward.service')).toContain(
      '\nExecStart="/opt/my node/%%n$$x" --disable-sigusr1',
    );
  });

  it('keeps the configuration that is there, and replaces units', () => {
    const kept = plan.flatMap((step) => (step.do === 'file' && step.keep ? [step.path] : []));
    expect(kept).toEqual(['/etc/tokenward/config.yaml']);
  });

  it('where systemd does not run, tells it nothing', () => {
    expect(commandsIn(installPlan(options('system', { systemdRuns: false })))).not.toContain(
      'systemctl daemon-reload',
    );
  });

  it('takes away all that was put in place, but no configuration that was edited', () => {
    const undo = uninstallPlan(options('system'), { hasState: true });
    expect(paths(undo, 'remove')).toEqual(paths(plan, 'file'));
    expect(undo.filter((step) => step.do === 'remove' && step.content !== null)).toMatchObject([
      { path: '/etc/tokenward/config.yaml' },
    ]);
    expect(commandsIn(undo)[0]).toBe(
      'systemctl disable --now tokenward.socket tokenward.service tokenward-keyring.service',
    );
    expect(paths(undo, 'remove-folder')).toEqual([
      '/etc/tokenward/keyring',
      '/etc/tokenward',
      '/run/tokenward',
    ]);
  });

  it('takes the user away only when he has nothing any more', () => {
    expect(userCommands(true)).toEqual([]);
    expect(userCommands(false)).toEqual(['userdel tokenward', 'groupdel tokenward-clients']);
  });
});

describe('a package', () => {
  const plan = installPlan(options('package', { program: null, node: null }));

  it('touches nothing outside of its folder, and runs nothing', () => {
    for (const step of plan) expect('path' in step && step.path.startsWith('/build/pkg/')).toBe(true);
    expect(commandsIn(uninstallPlan(options('package'), { hasState: false }))).toEqual([]);
  });

  it('has units of both kinds, and the examples', () => {
    expect(paths(plan, 'file')).toEqual(
      expect.arrayContaining([
        '/build/pkg/usr/lib/systemd/system/tokenward.service',
        '/build/pkg/usr/lib/systemd/user/tokenward.service',
        '/build/pkg/usr/lib/sysusers.d/tokenward.conf',
        '/build/pkg/usr/share/doc/tokenward/examples/systemd/tokenward.service.d/wrapping-key.conf',
      ]),
    );
    expect(contentOf(plan, '/build/pkg/usr/lib/systemd/system/tokenward.service')).toBe(
      texts.get('tokenward.service'),
    );
  });
});

describe('a service of one user', () => {
  const plan = installPlan(options('user'));

  it('is in the folders of the user', () => {
    expect(paths(plan, 'file')).toEqual(
      [
        '/home/u/.config/systemd/user/tokenward.service',
        '/home/u/.config/systemd/user/tokenward.socket',
        '/home/u/.config/tokenward/config.yaml',
      ].toSorted((a, b) => paths(plan, 'file').indexOf(a) - paths(plan, 'file').indexOf(b)),
    );
    expect(commandsIn(plan)).toEqual(['systemctl --user daemon-reload']);
    expect(plan).toContainEqual({ do: 'folder', path: '/home/u/.local/share/tokenward', mode: 0o700 });
  });

  it('lets that user ask', () => {
    expect(contentOf(plan, '/home/u/.config/tokenward/config.yaml')).toContain('user: "1000"');
  });
});

describe('the example configuration', () => {
  it.each(['system', 'user', 'package'] as const)('of a %s is one that the daemon takes', (kind) => {
    const plan = installPlan(options(kind));
    const path = paths(plan, 'file').find((each) => each.endsWith('tokenward/config.yaml')) ?? '';
    const env = { HOME: '/home/u', XDG_RUNTIME_DIR: '/run/user/1000' };
    const { agents, listeners } = parseConfig(contentOf(plan, path), path, env);
    expect(agents.map(({ name }) => name)).toEqual(['web-01']);
    expect(listeners).toHaveLength(1);
  });
});

describe('what is left to do', () => {
  it('is said', () => {
    const ended = { uninstall: false, done: [], examples: '/opt/tokenward/systemd/examples' };
    expect(nextSteps(purposes.system, ended)).toEqual([
      'next:',
      '  edit /etc/tokenward/config.yaml, and look at it: tokenward check',
      '  systemctl enable --now tokenward.socket tokenward.service',
      '  tokenward enroll web-01 --admin-token-file FILE',
      '  systemctl status tokenward',
      'who may ask for tokens: usermod -aG tokenward-clients fluent-bit',
      'examples of drop-ins: /opt/tokenward/systemd/examples',
    ]);
  });

  it('is a restart after an update', () => {
    const done = [{ what: 'replaced', subject: '/etc/systemd/system/tokenward.service' }] as const;
    expect(nextSteps(purposes.system, { uninstall: false, done, examples: '' })).toEqual([
      'next:',
      '  systemctl restart tokenward.service',
    ]);
  });
});
