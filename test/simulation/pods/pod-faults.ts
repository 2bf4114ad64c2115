import { secretPlace } from './pod-views.ts';
import type { PodWorld } from './pod-world.ts';
import type { Pod } from './pod.ts';

/** What happens to the two pods, their nodes, their network and their Secret. */

const minute = 60_000;

interface PodFault {
  readonly name: string;
  /** False where it could not happen now. */
  happens(world: PodWorld, pod: Pod): boolean;
}

const later = (world: PodWorld, maxMs: number, run: () => void) =>
  void world.truth.after(world.random.below(maxMs), run);

export const podFaults: readonly [PodFault, ...PodFault[]] = [
  {
    name: 'the container is killed and comes back',
    happens(world, pod) {
      if (pod.process === null) return false;
      pod.kill();
      later(world, 2 * minute, () => pod.start());
      return true;
    },
  },
  {
    name: 'the container is killed in the middle of an exchange',
    happens(world, pod) {
      if (pod.process === null || pod.process !== world.holder) return false;
      pod.process.refresh();
      later(world, 8_000, () => pod.kill());
      later(world, 3 * minute, () => pod.start());
      return true;
    },
  },
  {
    name: 'the pod is rescheduled',
    happens(world, pod) {
      pod.reschedule();
      later(world, 3 * minute, () => pod.start());
      return true;
    },
  },
  {
    name: 'the pod is rescheduled in the middle of an exchange, without the API server',
    happens(world, pod) {
      if (pod.process === null || pod.process !== world.holder) return false;
      pod.process.refresh();
      later(world, 6_000, () => pod.cutOff());
      world.truth.after(6_000 + world.random.below(2 * minute), () => {
        if (world.random.below(2) === 0) pod.reschedule();
        pod.reconnect();
        later(world, minute, () => pod.start());
      });
      return true;
    },
  },
  {
    name: 'the pod is stopped and comes back',
    happens(world, pod) {
      if (pod.process === null) return false;
      void pod.stop().then(() => later(world, 2 * minute, () => pod.start()));
      return true;
    },
  },
  {
    name: 'the API server cannot be reached',
    happens(world, pod) {
      if (pod.cutOffSinceMs !== null) return false;
      pod.cutOff();
      later(world, 12 * minute, () => pod.reconnect());
      return true;
    },
  },
  {
    name: 'nobody reaches the API server',
    happens(world) {
      for (const pod of world.pods) pod.cutOff();
      later(world, 12 * minute, () => world.pods.forEach((pod) => pod.reconnect()));
      return true;
    },
  },
  {
    name: 'the API server is in trouble',
    happens(world, pod) {
      pod.apiTrouble = 0.1 + world.random.fraction() / 2;
      later(world, 10 * minute, () => (pod.apiTrouble = 0));
      return true;
    },
  },
  {
    name: 'the log server is in trouble',
    happens(world, pod) {
      pod.serverTrouble = 0.1 + world.random.fraction() / 2;
      later(world, 10 * minute, () => (pod.serverTrouble = 0));
      return true;
    },
  },
  {
    name: 'the container is frozen',
    happens(world, pod) {
      if (pod.process === null || pod.clock.asleep) return false;
      const { clock } = pod;
      pod.note('is frozen');
      clock.sleep();
      later(world, 5 * minute, () => {
        if (clock.asleep) clock.wake();
        pod.note('goes on');
      });
      return true;
    },
  },
  {
    name: 'the clock of a node is wrong',
    happens(world, pod) {
      const offMs = Math.round((world.random.fraction() - 0.5) * 4 * minute);
      pod.clock.setWall(offMs);
      world.skewMs = Math.max(world.skewMs, Math.abs(offMs));
      return true;
    },
  },
  {
    name: 'somebody edits the labels',
    happens(world) {
      const edit = () =>
        world.cluster.edit(secretPlace, (object) => ({
          ...object,
          metadata: { ...object.metadata, labels: { edited: String(world.nowMs()) } },
        }));
      edit();
      // right in the middle of whatever is written next
      for (const process of world.processes) process.refresh();
      for (let times = 0; times < 20; times += 1) later(world, 10_000, edit);
      return true;
    },
  },
  {
    name: 'the history of the API server is compacted',
    happens(world) {
      world.cluster.tick(100);
      world.cluster.compact();
      for (const process of world.processes) process.endStreams();
      return true;
    },
  },
  {
    name: 'somebody asks for a refresh',
    happens(world) {
      for (const process of world.processes) process.refresh();
      return true;
    },
  },
];
