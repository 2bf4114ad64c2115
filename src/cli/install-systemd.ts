import { existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { defineCommand } from './command.ts';
import { print } from './output.ts';
import type { Program } from './program.ts';
import { carryOut, type Done } from './systemd/carry-out.ts';
import { nextSteps } from './systemd/next-steps.ts';
import type { InstallOptions, Purpose } from './systemd/placed-files.ts';
import { installPlan, uninstallPlan } from './systemd/plan.ts';
import { readUnitTexts } from './systemd/unit-texts.ts';

export const installSystemdCommand = defineCommand({
  usage: 'install-systemd',
  summary: 'set the daemon up as a service of systemd, or undo that',
  description: `Writes the units of the daemon, its socket and its keyring, makes its user, its folders and an
example configuration, and says what is to be done next. Nothing is enabled or started. Done
again, it brings the units up to date and changes nothing else: a configuration that is there
stays, and what you change in the units belongs into drop-ins (systemctl edit tokenward).
With --user it is a service of the user that asks. With --root it fills a folder that becomes a
package: nothing outside of it is touched, and no user is made. --uninstall takes away what was
put in place; what was edited stays, and so do the state folder and its user as long as there is
something in it.`,
  positionals: {},
  options: {
    root: {
      type: 'string',
      requiresArg: true,
      describe: 'a folder that becomes a package, in place of this host',
    },
    user: { type: 'boolean', default: false, describe: 'a service of the user that asks, for desktops' },
    uninstall: { type: 'boolean', default: false, describe: 'take away what was put in place' },
    'dry-run': { type: 'boolean', default: false, describe: 'only say what would be done' },
    program: {
      type: 'string',
      requiresArg: true,
      describe:
        'path of tokenward.js for the units [default: of this program; with --root /usr/lib/tokenward/tokenward.js]',
    },
    node: {
      type: 'string',
      requiresArg: true,
      describe: 'path of Node for the units [default: of this program; with --root /usr/lib/tokenward/node]',
    },
  },
  examples: [
    ['install-systemd', 'put units, user, folders and an example configuration in place, as root'],
    ['install-systemd --dry-run', 'only say what that would do'],
    ['install-systemd --user', 'a service of your own, on a desktop'],
    ['install-systemd --root debian/tokenward', 'fill the folder of a package'],
    ['install-systemd --uninstall', 'take it all away again'],
  ],
  tooMany: 'install-systemd takes no arguments; a folder for a package is named with --root DIR',
  run: async ({ root, user, uninstall, dryRun, program: script, node }, program) => {
    const purpose = purposeOf({ root, user }, program.env);
    const options: InstallOptions = {
      purpose,
      texts: await readUnitTexts(program.unitFolder),
      ...programsOf(purpose, { program: script, node }, program),
      systemdRuns: existsSync('/run/systemd/system'),
    };
    if (!uninstall && !dryRun) refuseBeside(purpose);
    const plan = uninstall ? uninstallPlan(options, { hasState: await hasState() }) : installPlan(options);
    const done: Done[] = [];
    for (const step of plan) {
      const result = await carryOut(step, dryRun);
      done.push(result);
      if (result.what !== 'unchanged') print(`${wordFor(result, dryRun)} ${result.subject}`);
    }
    if (done.every(({ what }) => what === 'unchanged' || what === 'kept' || what === 'ran'))
      print('everything else was in place');
    if (!dryRun)
      print('', ...nextSteps(purpose, { uninstall, done, examples: join(program.unitFolder, 'examples') }));
  },
});

function wordFor({ what }: Done, dryRun: boolean): string {
  if (what === 'kept') return 'kept, as it is not as it was put in place:';
  if (!dryRun) return what;
  const words = {
    made: 'make',
    wrote: 'write',
    replaced: 'replace',
    removed: 'remove',
    ran: 'run',
    unchanged: '',
  };
  return `would ${words[what]}`;
}

function purposeOf(
  { root, user }: { readonly root: string | undefined; readonly user: boolean },
  env: NodeJS.ProcessEnv,
): Purpose {
  if (root !== undefined && user)
    throw new TokenwardError('USAGE', 'a package (--root) has the units of both kinds; leave --user away');
  if (root !== undefined) return { kind: 'package', root: resolve(root) };
  const uid = process.geteuid?.() ?? 0;
  if (user) {
    const home = env['XDG_CONFIG_HOME'] || join(env['HOME'] || '/', '.config');
    const stateDir = join(env['HOME'] || '/', '.local/share/tokenward');
    return { kind: 'user', configHome: resolve(home), stateDir, uid };
  }
  if (uid !== 0)
    throw new TokenwardError(
      'USAGE',
      'a service of the system is set up by root; run it with sudo, or add --user for a service of your own',
    );
  return { kind: 'system' };
}

/** Folders that the sandbox of the unit hides or empties. */
const hiddenFolders = /^\/(home|root|run\/user|tmp|var\/tmp)(\/|$)/;

function programsOf(
  purpose: Purpose,
  given: { readonly program: string | undefined; readonly node: string | undefined },
  program: Program,
): Pick<InstallOptions, 'program' | 'node'> {
  const isPackage = purpose.kind === 'package';
  const script = given.program ?? (isPackage ? null : realpathSync(program.script));
  const node = given.node ?? (isPackage ? null : program.keychainProgram.execPath);
  for (const [option, path] of Object.entries({ program: script, node })) {
    if (path === null) continue;
    if (!isAbsolute(path))
      throw new TokenwardError('USAGE', `--${option} ${path} is no absolute path; give one`);
    if (isPackage) continue;
    if (!existsSync(path))
      throw new TokenwardError('USAGE', `--${option} ${path} is not there; correct the path`);
    if (purpose.kind === 'system' && hiddenFolders.test(path))
      throw new TokenwardError(
        'USAGE',
        `${path} is where the unit's sandbox does not look; copy it to a place such as /opt/tokenward, and name it with --${option}`,
      );
  }
  return { program: script, node };
}

const packagedUnit = '/usr/lib/systemd/system/tokenward.service';

/** Units in /etc hide those of a package, for ever. */
function refuseBeside({ kind }: Purpose): void {
  if (kind !== 'system' || !existsSync(packagedUnit)) return;
  const message = `${packagedUnit} is there, of a package: nothing needs to be installed; go on with systemctl enable --now tokenward.socket tokenward.service`;
  throw new TokenwardError('USAGE', message);
}

async function hasState(): Promise<boolean> {
  const folders = ['/var/lib/tokenward', '/var/lib/tokenward-keyring'];
  const found = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return found.some((names) => names.length > 0);
}
