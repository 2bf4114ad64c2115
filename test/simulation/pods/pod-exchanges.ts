import type { AgentSettings } from '../../../src/domain/agent-state.ts';
import { fingerprintOf } from '../../../src/platform/fingerprint.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import type { Route } from '../../fakes/fake-server.ts';
import { usualSettings } from '../../fakes/usual-settings.ts';
import { short } from '../trace.ts';
import { agent, exchangeDeadlineMs, type PodFlight, type PodProcessView, type PodView } from './pod-views.ts';

/** The way of one process to the log server, with a witness of every exchange. */
export function witnessedProvider(process: PodProcessView, pod: PodView, clock: Clock): Provider {
  const { world } = pod;
  const provider = world.server.provider({ route: routeOf(process, pod, clock) });
  return {
    ...provider,
    connect: async (signal) => {
      const connection = await provider.connect(signal);
      if ('kind' in connection) return connection;
      return {
        ...connection,
        exchange: async (secret, ttlMs, exchangeSignal) => {
          const flight = sends(process, pod, fingerprintOf(secret.reveal()));
          const answer = await connection.exchange(secret, ttlMs, exchangeSignal);
          flight.endedAtMs ??= world.nowMs();
          const status = answer.kind === 'http' ? answer.status : undefined;
          process.note('gets', { answer: answer.kind, status });
          const whole = answer.kind === 'http' && answer.complete && status === 200;
          if (flight.granted !== null && whole && process.alive) world.received(process, flight.granted);
          else if (flight.granted !== null) world.mayBeLost = true;
          return answer;
        },
      };
    },
  };
}

function sends(process: PodProcessView, { world }: PodView, secret: PodFlight['secret']): PodFlight {
  const nowMs = world.nowMs();
  const other = world.flights.find(
    (flight) => flight.endedAtMs === null && flight.secret === secret && !isOver(flight, nowMs),
  );
  world.count('exchanges');
  process.note('sends', { secret: short(secret) });
  if (other !== undefined) {
    const both = `${other.process.name} and ${process.name} both send ${short(secret)}`;
    world.violated('one-exchange-at-a-time', both);
  }
  const flight: PodFlight = { process, secret, sentAtMs: nowMs, endedAtMs: null, granted: null };
  world.flights.push(flight);
  return flight;
}

/** Of a client that is gone, or that sleeps and cannot know: longer than its deadline nothing of it is on its way. */
function isOver({ process, sentAtMs }: PodFlight, nowMs: number): boolean {
  return (!process.alive || process.frozen) && nowMs - sentAtMs > exchangeDeadlineMs;
}

function routeOf(process: PodProcessView, pod: PodView, clock: Clock): Route {
  const { world } = pod;
  return {
    mishap: () => pod.serverMishap(),
    travel: () => ({ requestMs: pod.random.below(4_000), answerMs: pod.random.below(6_000) }),
    clock,
    decided: (decision) => {
      const granted = decision.kind === 'granted' ? fingerprintOf(decision.newSecret) : null;
      world.trace.add('server', decision.kind, {
        to: process.name,
        new: granted === null ? undefined : short(granted),
      });
      if (granted === null) return;
      const flight = world.flights.findLast((each) => each.process === process && each.endedAtMs === null);
      if (flight !== undefined) {
        flight.granted = granted;
        world.spent(flight.secret);
        if (!process.alive) flight.endedAtMs = world.nowMs();
      }
      // Whoever gave up, or is gone, never hears of it.
      if (flight === undefined || !process.alive) world.mayBeLost = true;
    },
  };
}

export function podSettings(ttlMs: number): AgentSettings {
  return { ...usualSettings, agent, store: 'kubernetes', ttlMs, exchangeDeadlineMs };
}
