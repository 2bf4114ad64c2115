import { describePart } from '../../support/parts.ts';
import { describeRoot } from '../../support/root.ts';
import { runProgram, type RunOptions } from '../../support/run-program.ts';

/** Where the daemon listens, for this process and for testcontainers; set for a worker by `worker-setup.ts`. */
const dockerHost = (): string => process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';

/** The classic builder: Debian's Docker has no buildx. */
export const dockerEnv = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  DOCKER_HOST: dockerHost(),
  DOCKER_BUILDKIT: '0',
});

/** Runs `docker` with `args` and resolves to what it printed. Rejects with what it said where it fails. */
export async function docker(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram('docker', args, { env: dockerEnv(), ...options });
  if (exitCode !== 0)
    throw new Error(
      `docker ${args.join(' ')} ended with ${exitCode}: ${stderr.slice(-4_000)}${stdout.slice(-4_000)}`,
    );
  return stdout.trim();
}

/** A `describe` that runs containers. Where they cannot be had it is skipped with the reason; in CI it fails. */
export function describeContainers(title: string, body: () => void): void {
  describeRoot(title, () => describePart(['docker.io', 'mmdebstrap'], 'with Docker', body));
}
