import type { AgentProcess } from './agent-process.ts';
import { agent, type StoreName } from './host.ts';
import { everyPolicy, strictPolicies, type Scenario } from './scenario.ts';

/** What is cut at every step. */

const minute = 60_000;

async function begin(process: AgentProcess): Promise<void> {
  await process.start();
  await process.handOver(process.host.server.create(agent));
  await process.host.clock.elapse(minute);
  process.host.keychain.settle();
}

async function refresh(process: AgentProcess): Promise<void> {
  await process.refresh();
}

/** An agent of generation 1 that has been at work for a minute. */
const begun = {
  generation: 1,
  atStake: 'current',
  prepare: begin,
  act: refresh,
  policies: everyPolicy,
} as const;

function rotation(store: StoreName): Scenario {
  return { ...begun, name: `rotation-${store}`, host: { store } };
}

/** The keychain's disk is behind by everything that a rotation writes there. */
const keychainFarBehind: Scenario = {
  ...begun,
  name: 'rotation-keychain-far-behind',
  host: { store: 'keychain', keychainAtRisk: 10 },
};

/** A bucket of one exchange: after a crash nothing may be sent for a minute, however often the process starts. */
const bucketOfOne: Scenario = {
  ...begun,
  name: 'rotation-bucket-of-one',
  host: { store: 'file', settings: { maxExchangesPerMinute: 1 } },
  policies: ['strict', 'until-first-use', 'reusable'],
};

function firstEnrolment(store: StoreName): Scenario {
  return {
    name: `first-enrolment-${store}`,
    host: { store },
    generation: 0,
    atStake: 'first',
    prepare: async () => {},
    act: async (process) => {
      await process.start();
      await process.handOver(process.host.server.create(agent));
    },
    policies: everyPolicy,
  };
}

function handOver(store: StoreName): Scenario {
  return {
    ...begun,
    name: `hand-over-${store}`,
    host: { store },
    atStake: 'candidate',
    act: (process) => process.handOver(process.host.server.create(`${agent}-new`)),
  };
}

function refusedHandOver(store: StoreName): Scenario {
  return {
    ...begun,
    name: `hand-over-refused-${store}`,
    host: { store },
    atStake: 'candidate',
    refused: true,
    act: (process) => process.handOver('a secret of another server'),
  };
}

/** The answer to a rotation was lost; what is cut is the replay. */
async function beginWithDoubt(process: AgentProcess): Promise<void> {
  const { server } = process.host;
  await begin(process);
  server.answering = false;
  await process.refresh();
  server.answering = true;
}

const waitForReplay = (process: AgentProcess): Promise<void> => process.host.clock.elapse(minute / 2);

function replay(store: StoreName): Scenario {
  return {
    ...begun,
    name: `replay-${store}`,
    host: { store, policy: 'until-first-use' },
    prepare: beginWithDoubt,
    act: waitForReplay,
  };
}

/** The server has spent the secret, so the replay is refused, and that is what must not be forgotten. */
const refusedReplay: Scenario = {
  ...begun,
  name: 'replay-refused-file',
  host: { store: 'file', policy: 'strict' },
  prepare: beginWithDoubt,
  act: waitForReplay,
  policies: strictPolicies,
};

/** Something fails from the moment at which the answer arrives, and is mended while saving is tried again. */
function failing(
  name: string,
  store: StoreName,
  { fail, mend }: Record<'fail' | 'mend', (process: AgentProcess) => void>,
): Scenario {
  return {
    ...begun,
    name,
    host: { store },
    fails: true,
    policies: ['strict', 'until-first-use'],
    act: async (process) => {
      const { server, clock } = process.host;
      const { delivered } = server;
      server.delivered = (granted) => {
        delivered(granted);
        fail(process);
      };
      await process.refresh();
      await clock.elapse(minute / 6);
      mend(process);
      await clock.elapse(minute / 2);
    },
  };
}

/** The disk is full for the next two writes to a file whose path fits: more leave more to be lost, and nothing else. */
function full(pattern: RegExp) {
  return {
    fail: ({ host: { disk } }: AgentProcess) => {
      let left = 2;
      disk.fault = ([step, path = '']) => {
        const isFull = step === 'write' && pattern.test(path) && left > 0;
        left -= isFull ? 1 : 0;
        return isFull ? 'ENOSPC' : null;
      };
    },
    mend: () => {},
  };
}

const lockedKeychain = {
  fail: ({ host: { keychain } }: AgentProcess) => {
    keychain.condition = 'locked';
  },
  mend: ({ host: { keychain } }: AgentProcess) => {
    keychain.condition = 'answering';
  },
};

const failures: readonly Scenario[] = [
  failing('full-disk', 'file', full(/^\/var\//)),
  failing('full-disk-but-for-the-answer', 'file', full(/secret\.sealed/)),
  failing('locked-keychain', 'keychain', lockedKeychain),
];

/** The answer has a schema that this version does not know; it is kept for one that does, which is what starts after the crash. */
const unreadAnswer: Scenario = {
  ...begun,
  name: 'answer-in-a-new-schema',
  host: { store: 'file' },
  act: async (process) => {
    const { server } = process.host;
    server.readable = false;
    await process.refresh();
  },
};

const stores = ['file', 'keychain'] as const;

/** Cut once, at every step. */
export const scenarios = {
  rotation: [...stores.map((store) => rotation(store)), keychainFarBehind, bucketOfOne, unreadAnswer],
  'first enrolment': stores.map(firstEnrolment),
  'hand-over': [...stores.map(handOver), ...stores.map(refusedHandOver)],
  replay: [...stores.map(replay), refusedReplay],
  failing: failures,
} as const satisfies Record<string, readonly Scenario[]>;

/** Cut twice: the start after the first crash is cut at every step too. The server honours the old secret, so that replays are among the steps. */
function twice(scenario: Scenario): Scenario {
  const { name, host } = scenario;
  return {
    ...scenario,
    name: `${name}-twice`,
    host: { ...host, policy: 'until-first-use' },
    policies: ['strict', 'until-first-use'],
  };
}

export const cutTwice: readonly Scenario[] = [
  ...stores.map((store) => twice(rotation(store))),
  ...stores.map((store) => twice(firstEnrolment(store))),
  ...stores.map((store) => twice(handOver(store))),
];
