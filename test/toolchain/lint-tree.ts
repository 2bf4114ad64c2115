import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const repository = join(import.meta.dirname, '../..');
const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');

/** What the linter found, as `path:line rule`. */
export type Finding = string;

/**
 * Lints source files, given as lines by path, in a throw-away tree under the repository's own configuration. The globs of
 * the layer rules count from the configuration file, so it is copied along.
 */
export async function lintTree(
  sources: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlySet<Finding>> {
  const tree = await mkdtemp(join(tmpdir(), 'tokenward-lint-'));
  try {
    for (const part of ['oxlint.config.ts', 'tsconfig.json', 'package.json', 'scripts/lint']) {
      await cp(join(repository, part), join(tree, part), { recursive: true });
    }
    await symlink(join(repository, 'node_modules'), join(tree, 'node_modules'));
    await mkdir(join(tree, 'test'));
    for (const [path, lines] of sources) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), `${lines.join('\n')}\n`);
    }
    return findings(await runOxlint(tree));
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

function runOxlint(tree: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [oxlint, '--format', 'json', 'src', 'test'],
      { cwd: tree },
      (error, stdout, stderr) => {
        // Exit code 1 says that rules fired, which is what most snippets are for.
        if (error === null || error.code === 1) resolve(stdout);
        else reject(new Error(`oxlint failed: ${stdout}${stderr}`, { cause: error }));
      },
    );
  });
}

interface Report {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

function findings(json: string): ReadonlySet<Finding> {
  const { diagnostics } = JSON.parse(json) as Report;
  return new Set(
    diagnostics.flatMap(({ code, filename, labels }) =>
      labels.map(({ span }) => `${filename}:${span.line} ${code}`),
    ),
  );
}
