import { expect, it } from 'vitest';
import type { Daemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { matching } from '../../support/matching.ts';
import type { Ran } from '../../support/run-program.ts';
import { inventory, inventoryAtRest, listenersOf } from './inventory.ts';
import { Variant } from './variant.ts';

/**
 * What is started at once on one state folder, in which a secret waits for its first exchange. However they meet, one
 * exchange is right:
 * - The first daemon to hold the agent makes it, and the token lives for half an hour.
 * - `import` has a configuration whose socket nobody serves, so it goes to the store itself. Where one is faster than all
 *   daemons, its secret takes the place of the one that waits, and is the one that is exchanged; later it finds the agent held.
 * - `enroll` has a credential that the server refuses: it takes the locks to see whether the store would do, no more.
 * - `status` and `token` ask whoever listens.
 */
const counts = { daemons: 30, imports: 5, enrolments: 5, statuses: 5, tokens: 5 };

const patience = { withinMs: 90_000 };

/** Tests beside this one must not wait for fifty processes at every step. */
const politely = { through: ['nice', '-n', '10'] };

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Every command did its work, or says who holds the agent, or that there is no daemon to ask yet. */
const outcomes = {
  import: [
    [0, /stored/],
    [75, /process \d+ holds the agent web-01.*\(AGENT_HELD\)\n/],
  ],
  enroll: [
    [77, /\(SERVER_REFUSED\)\n/],
    [75, /process \d+ holds the agent web-01.*\(AGENT_HELD\)\n/],
  ],
  status: [
    [0, /web-01/],
    [69, /\(DAEMON_NOT_RUNNING\)\n/],
  ],
  token: [
    [0, /\S/],
    [69, /\(DAEMON_NOT_RUNNING\)\n/],
    [75, /\(TOKEN_UNAVAILABLE\)\n/],
  ],
} as const satisfies Record<string, readonly (readonly [number, RegExp])[]>;

function expectOutcome(command: keyof typeof outcomes, { exitCode, stdout, stderr }: Ran): void {
  const text = exitCode === 0 ? stdout : stderr;
  const isKnown = outcomes[command].some(([code, says]) => code === exitCode && says.test(text));
  expect(isKnown, `${command} ended with ${exitCode}: ${stderr}`).toBe(true);
}

it('of fifty processes started at once one exchanges, and the others stand by or say who holds the agent', async () => {
  await using site = await Installation.create();
  await site.provision();
  const elsewhere = await Variant.create(site, 'elsewhere');
  const spares = times(counts.imports, (index) => site.emulator.createSecret(`spare-${index}`));

  const daemons = times(counts.daemons, () => site.run(politely));
  const commands = [
    ...spares.map(
      async (stdin) => ['import', await elsewhere.cli(['import', 'web-01'], stdin, politely)] as const,
    ),
    ...times(counts.enrolments, async () => {
      const args = ['enroll', 'web-01', '--name', 'new', '--admin-token-file', '-'];
      return ['enroll', await elsewhere.cli(args, 'no administrator', politely)] as const;
    }),
    ...times(counts.statuses, async () => ['status', await site.cli(['status'], politely)] as const),
    ...times(counts.tokens, async () => ['token', await site.cli(['token', 'web-01'], politely)] as const),
  ];
  expect(daemons.length + commands.length).toBe(50);

  const { holder, standbys } = await eventually(() => settled(daemons), patience);
  for (const [command, ran] of await Promise.all(commands)) expectOutcome(command, ran);
  const { token } = await site.reaches({ state: 'active', secret: { generation: 1 } });
  await site.tokenFileHolds(await site.token());
  expect(site.exchanges).toBe(1);

  const before = await inventoryAtRest(site.folder);
  // takes five tries, a second apart: meanwhile every standby has asked for the locks several times
  const late = await elsewhere.cli(['import', 'web-01'], site.emulator.createSecret('late'));
  expect(late).toMatchObject({ exitCode: 75, stderr: matching(`process ${holder.pid} holds the agent`) });
  expect(await inventory(site.folder)).toEqual(before);
  expect(await listenersOf(holder.pid)).toBe(1);
  expect(await Promise.all(standbys.map(({ pid }) => listenersOf(pid)))).toEqual(standbys.map(() => 0));

  await holder.end('SIGKILL');
  const next = await eventually(() => settled(standbys), patience);
  expect(next.standbys).toHaveLength(counts.daemons - 2);
  await site.reaches({ state: 'active', token: { sequence: 1, fingerprint: token.fingerprint } });
  expect(site.emulator.state()).toMatchObject({ exchanges: { total: 1, granted: 1, refused: 0 } });
});

/** Throws where not yet one daemon listens and all others name it as the holder. */
function settled(daemons: readonly Daemon[]): {
  readonly holder: Daemon;
  readonly standbys: readonly Daemon[];
} {
  const [holder, ...more] = daemons.filter((daemon) => daemon.events('started').length > 0);
  expect(holder).toBeDefined();
  expect(more).toEqual([]);
  const standbys = daemons.filter((daemon) => daemon !== holder);
  const named = standbys.map((daemon) => daemon.events('standby').at(-1)?.['holder_pid']);
  expect(named).toEqual(standbys.map(() => holder?.pid));
  return { holder: holder as Daemon, standbys };
}
