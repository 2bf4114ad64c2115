import fc from 'fast-check';
import type { AgentSettings } from '../../src/domain/agent-state.ts';
import { rotationPolicies, type RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { codeOf, type AgentWorld } from '../fakes/agent-world.ts';
import type { Mishap } from '../fakes/fake-server.ts';

/** What a server, a network, a host and people may do to an agent, in any order. */

const mishaps: readonly Mishap[] = [
  'none',
  'unreachable',
  'lost-request',
  'lost-answer',
  'truncated',
  'bad-gateway',
  'rate-limited',
  'firewall',
  'not-found',
];

/** After these nobody knows whether the exchange happened. */
export const doubtfulMishaps: ReadonlySet<Mishap> = new Set([
  'lost-request',
  'lost-answer',
  'truncated',
  'bad-gateway',
  'firewall',
]);

export type Move =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'weather'; readonly mishap: Mishap }
  /** The process ends in the middle of a refresh, after so many changes of the disk; `power`: so does the host. */
  | { readonly do: 'cut'; readonly changes: number; readonly power: boolean }
  /** The configuration changes under the daemon, with the server's origin or without. */
  | { readonly do: 'reconfigure'; readonly ttlMs: number; readonly origin: string }
  | { readonly do: 'refresh' | 'kill' | 'suspend' | 'revoke' | 'import' | 'import-wrong' };

const minute = 60_000;

/** Mostly the agent's own: elsewhere its secret is not sent. */
const origins = ['https://logs.example.com', 'https://logs.example.com', 'https://elsewhere.example.com'];

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40 * minute) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('weather' as const), mishap: fc.constantFrom(...mishaps) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('refresh' as const, 'kill' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('reconfigure' as const),
      ttlMs: fc.constantFrom(10 * minute, 30 * minute, 60 * minute),
      origin: fc.constantFrom(...origins),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('cut' as const),
      changes: fc.integer({ min: 1, max: 40 }),
      power: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('suspend' as const, 'revoke' as const, 'import' as const, 'import-wrong' as const),
    }),
  },
);

export interface Scenario {
  readonly seed: number;
  readonly policy: RotationPolicy;
  readonly moves: readonly Move[];
}

export const anySeed = fc.integer({ min: 1, max: 2 ** 31 });

/** A story without some kinds of moves. */
export function scenarioWithout(...left: readonly Move['do'][]): fc.Arbitrary<Scenario> {
  return fc.record({
    seed: anySeed,
    policy: fc.constantFrom(...rotationPolicies),
    moves: fc.array(
      anyMove.filter((move) => !left.includes(move.do)),
      { minLength: 1, maxLength: 25 },
    ),
  });
}

/** As in the beginning. */
export const ownConfiguration: Move = {
  do: 'reconfigure',
  ttlMs: 30 * minute,
  origin: 'https://logs.example.com',
};

export async function perform(world: AgentWorld, move: Move): Promise<void> {
  switch (move.do) {
    case 'wait':
      return world.clock.elapse(move.ms);
    case 'weather':
      world.server.mishap = () => move.mishap;
      return;
    case 'refresh':
      void world.refresh();
      return world.clock.elapse(0);
    case 'kill':
      return world.restart();
    case 'cut':
      return cut(world, move.changes, move.power);
    case 'suspend':
      world.clock.suspend(180 * minute);
      return world.clock.elapse(30_000);
    case 'revoke':
      world.server.registry.revoke('web-01');
      return;
    case 'import':
      world.server.registry.revoke('web-01');
      return world.handOver();
    case 'import-wrong':
      return world.handOver('never made');
    case 'reconfigure':
      return reconfigure(world, { ...world.settings, ttlMs: move.ttlMs, origin: move.origin });
  }
}

/** Like a reload: the next start goes by it, too. Who asked for it is told, now or when an exchange has ended. */
async function reconfigure(world: AgentWorld, settings: AgentSettings): Promise<void> {
  world.settings = settings;
  const told = codeOf(world.broker.reconfigure(settings, world.server.provider(settings)));
  await world.clock.elapse(0);
  void told;
}

async function cut(world: AgentWorld, changes: number, power: boolean): Promise<void> {
  world.life.endAfter(changes);
  void world.refresh();
  await world.clock.elapse(0);
  if (power) world.powerCut((options) => world.random.below(options));
  else world.kill();
  await world.start();
}
