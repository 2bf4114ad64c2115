import type { ErrorCode } from '../../src/domain/errors.ts';
import type { RecoveryActionName } from '../../src/domain/recovery-report.ts';
import { AgentWorld } from '../fakes/agent-world.ts';
import {
  canBeEnrolled,
  damaged,
  flip,
  forked,
  isLost,
  sealed,
  strangeAnswer,
  withForeignSecret,
  works,
  worksWithPrevious,
} from './recover-worlds.ts';

/** Agents in every situation that `tokenward recover` knows. */

export interface Situation {
  readonly name: string;
  /** A world whose daemon runs, and is stuck. */
  readonly make: () => Promise<AgentWorld>;
  readonly matter: ErrorCode;
  readonly recommended: RecoveryActionName | null;
  readonly actions: readonly RecoveryActionName[];
  /** What must hold after the recommended action, or after the first where none is. */
  readonly ends: (world: AgentWorld) => Promise<void>;
}

export const situations: readonly Situation[] = [
  {
    name: 'a copy on another machine',
    make: async () => (await damaged((world) => void (world.identity = 'host:two'))).world,
    matter: 'STATE_CLONED',
    recommended: 'adopt',
    actions: ['adopt'],
    ends: works,
  },
  {
    name: 'a copy whose original went on',
    make: async () => {
      const { world } = await damaged(() => {});
      world.kill();
      const copy = world.disk.crash(() => 0);
      await world.start();
      await world.refresh();
      world.kill();
      world.disk = copy;
      world.identity = 'host:two';
      world.kill();
      await world.start();
      return world;
    },
    matter: 'STATE_CLONED',
    recommended: 'adopt',
    actions: ['adopt'],
    ends: isLost,
  },
  {
    name: 'another address of the server',
    make: async () =>
      (
        await damaged((world) => {
          world.settings = { ...world.settings, origin: 'https://other.example.com' };
          world.kill();
        })
      ).world,
    matter: 'SERVER_CHANGED',
    recommended: 'adopt',
    actions: ['adopt'],
    ends: works,
  },
  {
    name: 'a lost journal',
    make: async () => (await damaged((world) => world.disk.remove(sealed('journal')))).world,
    matter: 'STORE_MISMATCH',
    recommended: 'adopt',
    actions: ['adopt', 'set-aside'],
    ends: works,
  },
  {
    name: 'a store with a secret of another state folder',
    make: async () => {
      const { world } = await damaged(withForeignSecret);
      return world;
    },
    matter: 'STORE_MISMATCH',
    recommended: 'adopt',
    actions: ['adopt', 'set-aside'],
    ends: worksWithPrevious,
  },
  ...(['session', 'secret'] as const).map((name): Situation => ({
    name: `a damaged ${name}`,
    make: async () => (await damaged((world) => flip(world, name))).world,
    matter: 'STATE_UNREADABLE',
    recommended: 'set-aside-unreadable',
    actions: ['set-aside-unreadable', 'set-aside'],
    ends: works,
  })),
  {
    name: 'a damaged journal',
    make: async () => (await damaged((world) => flip(world, 'journal'))).world,
    matter: 'STATE_UNREADABLE',
    recommended: 'adopt',
    actions: ['adopt', 'set-aside'],
    ends: works,
  },
  {
    name: 'a damaged journal of an agent that was in doubt',
    make: async () => {
      const world = await AgentWorld.begun();
      world.server.mishap = (at) => (at === 'exchange' ? 'lost-answer' : 'none');
      await world.refresh();
      world.server.mishap = () => 'none';
      world.kill();
      flip(world, 'journal');
      await world.start();
      return world;
    },
    matter: 'STATE_UNREADABLE',
    recommended: 'adopt',
    actions: ['adopt', 'set-aside'],
    ends: isLost,
  },
  {
    name: 'a damaged journal and an answer that nothing was made of',
    make: async () => {
      const world = await AgentWorld.begun();
      world.server.mishap = () => 'none';
      // the crash comes right after the raw answer
      world.onDiskChange = () => {
        const names = [...world.disk.files().keys()];
        if (names.some((path) => /\/raw-[0-9a-f-]{36}\.sealed$/.test(path))) world.life.end();
      };
      void world.refresh().catch(() => {});
      await world.clock.elapse(0);
      world.onDiskChange = () => {};
      world.kill();
      flip(world, 'journal');
      await world.start();
      return world;
    },
    matter: 'STATE_UNREADABLE',
    recommended: 'adopt',
    actions: ['adopt', 'set-aside'],
    ends: works,
  },
  {
    name: 'another wrapping key',
    make: async () =>
      (await damaged((world) => world.disk.seed('/keys/key', Buffer.alloc(32, 1).toString('base64')))).world,
    matter: 'STATE_UNREADABLE',
    recommended: null,
    actions: ['set-aside'],
    ends: canBeEnrolled,
  },
  {
    name: 'a lost wrapping key',
    make: async () => (await damaged((world) => world.disk.remove('/keys/key'))).world,
    matter: 'STORE_UNAVAILABLE',
    recommended: null,
    actions: ['set-aside'],
    ends: canBeEnrolled,
  },
  {
    name: 'a store with another secret of the same generation',
    make: () => forked({}),
    matter: 'STATE_ROLLED_BACK',
    recommended: null,
    actions: ['adopt'],
    ends: works,
  },
  {
    name: 'a doubt under halt',
    make: async () => {
      const world = await AgentWorld.begun({ policy: 'grace', settings: { inDoubt: 'halt' } });
      world.server.mishap = (at) => (at === 'exchange' ? 'lost-answer' : 'none');
      await world.refresh();
      world.server.mishap = () => 'none';
      await world.clock.elapse(20_000);
      return world;
    },
    matter: 'IN_DOUBT',
    recommended: 'replay',
    actions: ['replay'],
    ends: works,
  },
  {
    name: 'an answer of another form',
    make: () => strangeAnswer(),
    matter: 'IN_DOUBT',
    recommended: 'finish-from-answer',
    actions: ['finish-from-answer', 'drop-answers'],
    ends: works,
  },
  {
    name: 'an answer of another form under halt',
    make: () => strangeAnswer({ settings: { inDoubt: 'halt' } }),
    matter: 'IN_DOUBT',
    recommended: 'finish-from-answer',
    actions: ['finish-from-answer', 'replay', 'drop-answers'],
    ends: works,
  },
  {
    name: 'an answer of another form, and then a refusal',
    make: async () => {
      const world = await strangeAnswer();
      await world.clock.elapse(60_000);
      return world;
    },
    matter: 'SECRET_LOST_IN_FLIGHT',
    recommended: 'finish-from-answer',
    actions: ['finish-from-answer', 'drop-answers'],
    ends: works,
  },
  {
    name: 'a revoked secret',
    make: async () => {
      const { world } = await damaged(() => {});
      world.server.registry.revoke('web-01');
      await world.refresh();
      return world;
    },
    matter: 'SECRET_REVOKED',
    recommended: null,
    actions: [],
    ends: isLost,
  },
  {
    name: 'an answer that was lost',
    make: async () => {
      const world = await AgentWorld.begun();
      world.server.mishap = (at) => (at === 'exchange' ? 'lost-answer' : 'none');
      await world.refresh();
      world.server.mishap = () => 'none';
      await world.clock.elapse(60_000);
      return world;
    },
    matter: 'SECRET_LOST_IN_FLIGHT',
    recommended: null,
    actions: [],
    ends: isLost,
  },
];
