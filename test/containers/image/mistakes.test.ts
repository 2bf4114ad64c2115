import { beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../support/run-program.ts';
import { ContainerSite } from '../support/container-site.ts';
import { describeContainers, dockerEnv } from '../support/docker.ts';

/** What people get wrong with `docker run`, by what they leave out or write. */
describeContainers('a container that cannot work', () => {
  let site: ContainerSite;

  beforeAll(async () => {
    site = await ContainerSite.create();
    return () => site[Symbol.asyncDispose]();
  });

  async function run(options: readonly string[]): Promise<{ exitCode: number | null; says: string }> {
    const { exitCode, stderr } = await runProgram(
      'docker',
      ['run', '--rm', '--read-only', ...options, site.image],
      { env: dockerEnv() },
    );
    return { exitCode, says: stderr };
  }

  const configuration = () => `--volume=${site.folder}:/etc/tokenward:ro`;
  const state = () => `--volume=${site.state}:/var/lib/tokenward`;
  const sockets = () => `--volume=${site.sockets}:/run/tokenward`;

  it('says so of a configuration with a mistake, with its place', async () => {
    await site.configure({ url: 'logs.example.com' });
    const { exitCode, says } = await run([configuration(), state(), sockets(), '--tmpfs=/tmp']);
    await site.configure({});
    expect(exitCode).toBe(78);
    expect(says).toMatch(
      /^tokenward: \/etc\/tokenward\/config\.yaml:1:\d+: agents\.web-01\.url: .*\(CONFIG_INVALID\)\n$/,
    );
  });

  it.each([
    [
      'no configuration',
      () => [state(), sockets(), '--tmpfs=/tmp'],
      /no configuration at \/etc\/tokenward\/config\.yaml.*\(CONFIG_NOT_FOUND\)/,
    ],
    [
      'no volume for its state',
      () => [configuration(), sockets(), '--tmpfs=/tmp'],
      /\/var\/lib\/tokenward is on overlay, which forgets the secrets.*\(STATE_DIR_EPHEMERAL\)/,
    ],
    [
      'its state in memory',
      () => [configuration(), sockets(), '--tmpfs=/tmp', '--tmpfs=/var/lib/tokenward:uid=10001,mode=0700'],
      /\/var\/lib\/tokenward is on tmpfs.*\(STATE_DIR_EPHEMERAL\)/,
    ],
    [
      'nowhere for its socket',
      () => [configuration(), state(), '--tmpfs=/tmp'],
      /cannot be made in \/run\/tokenward.*read-only.*\(SOCKET_UNUSABLE\)/,
    ],
    [
      'no scratch folder',
      () => [configuration(), state(), sockets()],
      /no folder for locks can be made in \/run\/lock or \/tmp.*\(STATE_DIR_UNUSABLE\)/,
    ],
  ])('says so of a container with %s', async (_, options, expected) => {
    const { exitCode, says } = await run(options());
    expect(exitCode, says).toBe(78);
    expect(says).toMatch(expected);
    // for a person: one line, no stack
    expect(says.trim().split('\n').length).toBe(1);
  });
});
