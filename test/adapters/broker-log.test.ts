import { describe, expect, it } from 'vitest';
import { createLogChannel } from '../../src/alerts/log-channel.ts';
import { AlertMemory } from '../../src/alerts/memory.ts';
import { AlertRouter } from '../../src/alerts/router.ts';
import { AgentWorld } from '../fakes/agent-world.ts';
import type { Mishap } from '../fakes/fake-server.ts';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import type { MemoryLog } from '../fakes/memory-log.ts';

/** What an operator reads of an agent whose server is away for hours: the agent's own lines, and those of its alerts. */

const hourMs = 3_600_000;
const outageMs = 3 * hourMs;

const meter = () => ({ ended() {}, waiting() {} });

async function agentWithAlerts() {
  const world = await AgentWorld.begun();
  const { log, clock, random } = world;
  const memory = new AlertMemory({ disk: new MemoryDisk(), random, log, path: '/alerts.json' });
  const parts = { clock, random, log, meter, forget() {}, memory };
  const router = new AlertRouter([createLogChannel(log)], parts);
  await router.begin(['web-01']);
  world.broker.subscribe(() => router.update('web-01', world.alerts));
  await world.clock.elapse(hourMs);
  return { world, seen: log.lines.length };
}

/** Everything but `debug`, from the line after the first `seen`. */
function told(log: MemoryLog, seen: number): readonly string[] {
  return log.lines
    .slice(seen)
    .filter(({ level }) => level !== 'debug')
    .map(({ level, event, fields }) =>
      `${level} ${event} ${(fields['code'] ?? fields['state'] ?? '') as string}`.trim(),
    );
}

describe('a server that is away for hours', () => {
  it('is a handful of lines, and one that sums it up', async () => {
    const { world, seen } = await agentWithAlerts();
    const { log, clock, server } = world;
    server.mishap = () => 'unreachable';
    await clock.elapse(outageMs);
    const tries = log.lines.slice(seen).filter(({ event }) => event === 'not-connected');
    expect(tries.length).toBeGreaterThan(50);
    expect(told(log, seen)).toEqual([
      'info not-connected SERVER_UNREACHABLE',
      'info state-changed degraded',
      'warn alert-firing SERVER_UNREACHABLE',
      'error alert-firing TOKEN_EXPIRING',
      'info state-changed expired',
      'info alert-resolved SERVER_UNREACHABLE',
      'info alert-resolved TOKEN_EXPIRING',
      'error alert-firing SERVER_UNREACHABLE',
    ]);

    const back = log.lines.length;
    server.mishap = () => 'none';
    await clock.elapse(10 * 60_000);
    const lines = told(log, back);
    expect(lines).toEqual([
      'info exchange-granted',
      'info alert-resolved SERVER_UNREACHABLE',
      'info state-changed active',
    ]);
    const grant = log.lines.slice(back).find(({ event }) => event === 'exchange-granted');
    expect(grant?.fields).toMatchObject({ failures: tries.length });
    expect(grant?.fields['failing_ms']).toBeGreaterThan(outageMs - hourMs / 2);
  });

  it('and fails in turns in several ways is a line for each way', async () => {
    const { world, seen } = await agentWithAlerts();
    const mishaps: readonly Mishap[] = ['lost-answer', 'rate-limited', 'unreachable', 'bad-gateway'];
    let turn = 0;
    world.server.mishap = (at) => {
      const mishap = mishaps[turn % mishaps.length] ?? 'none';
      if (at === 'exchange' || mishap === 'unreachable') turn += 1;
      return mishap;
    };
    await world.clock.elapse(outageMs);
    expect(turn).toBeGreaterThan(20);
    const tries = told(world.log, seen).filter((line) => !/alert|state/.test(line));
    expect(tries).toEqual([
      'info exchange-failed',
      'info exchange-failed',
      'info not-connected SERVER_UNREACHABLE',
    ]);
  });
});
