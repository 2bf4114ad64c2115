/**
 * The images that everything else stands on, under names of our own: pulled where a registry answers, else made here of what apt
 * and npm bring. A machine that looks at TLS on its way out (`NODE_EXTRA_CA_CERTS`) has its authorities in them.
 */
import { execFile } from 'node:child_process';
import { copyFile, link, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { docker } from './docker.ts';
import { ensureImage, type Recipe } from './images.ts';

const run = promisify(execFile);

const hostAuthorities = process.env['NODE_EXTRA_CA_CERTS'];

/** What the systemd image has besides Debian: a manager, a bus, a keyring and a client of the socket. */
const systemdPackages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'gnome-keyring',
  'libsecret-1-0',
  'curl',
  'adduser',
];

const debootstrap = [
  '--quiet',
  '--variant=apt',
  '--dpkgopt=force-unsafe-io',
  '--include=ca-certificates',
  'bookworm',
];

const debian: Recipe = {
  name: 'debian',
  content: debootstrap.join(' '),
  async make(tag) {
    if (await pulled('debian:bookworm-slim', tag)) return;
    // A tar of 170 MB that never lies on the disk.
    const script = 'mmdebstrap "$@" - http://deb.debian.org/debian | docker import - "$0"';
    await run('bash', ['-o', 'pipefail', '-c', script, tag, ...debootstrap]);
  },
};

const systemdRecipe = (base: string): Recipe => {
  const text = `FROM ${base}
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
    -o Dpkg::Options::=--force-unsafe-io ${systemdPackages.join(' ')} \\
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
# Without a shared root no unit gets credentials.
CMD ["/bin/sh", "-c", "mount --make-rshared / && exec /lib/systemd/systemd --log-target=console --show-status=false"]
STOPSIGNAL SIGRTMIN+3
`;
  return { name: 'systemd', content: text, make: (tag) => buildIn(tag, text, async () => {}) };
};

const nodeRecipe = async (base: string): Promise<Recipe> => {
  const authorities = hostAuthorities === undefined ? '' : await readFile(hostAuthorities, 'utf8');
  const text = `FROM ${base}
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
COPY authorities.pem /usr/local/share/authorities.pem
ENV NODE_EXTRA_CA_CERTS=/usr/local/share/authorities.pem
CMD ["node"]
`;
  const make = (tag: string): Promise<unknown> =>
    buildIn(tag, text, async (folder) => {
      await place(process.execPath, join(folder, 'node'));
      await run('cp', ['-R', await npmFolder(), join(folder, 'npm')]);
      await writeFile(join(folder, 'authorities.pem'), authorities);
    });
  return { name: 'node', content: [process.version, authorities, text].join('\n'), make };
};

/** What `docker run` needs besides, where the host's cgroups are of the first version and full privileges are not to be had. */
export const systemdOptions: readonly string[] = [
  '--cap-add=SYS_ADMIN',
  '--security-opt=seccomp=unconfined',
  '--cgroupns=host',
  '--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw',
  '--tmpfs=/run:exec',
  '--tmpfs=/run/lock',
];

/** Debian's smallest usable system, with the authorities that Debian trusts. */
const debianImage = (): Promise<string> => ensureImage(debian);

/** systemd as process 1, with a bus, a keyring and curl. To boot it needs what {@link systemdOptions} says. */
export const systemdImage = async (): Promise<string> => ensureImage(systemdRecipe(await debianImage()));

/** What `node:24-bookworm-slim` is: Debian with Node and npm of this machine. */
export const nodeImage = async (): Promise<string> => ensureImage(await nodeRecipe(await debianImage()));

async function pulled(name: string, tag: string): Promise<boolean> {
  try {
    await run('timeout', ['60', 'docker', 'pull', '--quiet', name]);
  } catch {
    return false; // no registry answers
  }
  await docker(['tag', name, tag]);
  return true;
}

/** A build with a context of its own: the Dockerfile and what `fill` puts beside it. */
async function buildIn(
  tag: string,
  dockerfile: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenward-image-'));
  try {
    await writeFile(join(folder, 'Dockerfile'), dockerfile);
    await fill(folder);
    await docker(['build', '--quiet', '--tag', tag, folder]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Another file system has no link to it. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

/** Of the npm that is first on the path: `…/npm/bin/npm-cli.js` leads to it. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run('which', ['npm']);
  return dirname(dirname(await realpath(stdout.trim())));
}
