import { lstat, mkdtemp, readdir, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mounts } from '../e2e/bad-input/mounts.ts';

/** Every folder of this host below another root, which has no mark of a container; and a machine id. */
const otherMachine = `
for path in /*; do
  if [ -L "$path" ]; then cp -P "$path" "$1$path"
  elif [ -d "$path" ]; then mkdir "$1$path"; mount --rbind "$path" "$1$path"; fi
done
echo "$2" > "$1/machine-id"
mount --bind "$1/machine-id" "$1/etc/machine-id"`;

/** Programs in its mounts run on it. */
interface Machine extends AsyncDisposable {
  readonly mounts: Mounts;
}

/** Another machine with this host's files: `id` is one hexadecimal digit, of which its machine id consists. Needs root. */
export async function machine(id: string): Promise<Machine> {
  const root = await mkdtemp(join(tmpdir(), 'tokenward-machine-'));
  const mounts = await Mounts.create(otherMachine, [root, id.repeat(32)], root);
  return {
    mounts,
    async [Symbol.asyncDispose]() {
      await mounts[Symbol.asyncDispose]();
      // no recursive removal: what a mount should ever be left on would go with it
      for (const name of await readdir(root)) {
        const path = join(root, name);
        await ((await lstat(path)).isDirectory() ? rmdir(path) : unlink(path));
      }
      await rmdir(root);
    },
  };
}
