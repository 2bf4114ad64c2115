import { describe, expect, it } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';
import type { DiskStep } from '../fakes/memory-disk.ts';

/** A disk that fails while an answer is being saved, and before one is asked for. */

const minute = 60_000;

/** From the next exchange on the disk fails to do `failing` with the file, until the returned function is called. */
function failAfterExchange(world: AgentWorld, file: string, failing: DiskStep | 'all'): () => void {
  let armed = false;
  let renamed = '';
  world.server.mishap = (at) => {
    armed ||= at === 'exchange';
    return 'none';
  };
  world.disk.fault = ([step, path = '', to = path]) => {
    if (step === 'rename') renamed = to;
    const concerned = step === 'sync-folder' ? renamed.includes(file) : path.includes(file);
    return armed && concerned && (failing === 'all' || failing === step) ? 'EIO' : null;
  };
  return () => {
    world.server.mishap = () => 'none';
    armed = false;
  };
}

const writing = ['create', 'write', 'sync', 'rename', 'sync-folder'] as const;
const files = ['/secret.sealed', '/session.sealed', '/journal.sealed'].map((path) => path.slice(1));
const failures = files.flatMap((file) => writing.map((step) => [file, step] as const));

describe('an answer that cannot be saved', () => {
  it.each(failures)(
    '%s fails to %s: served from memory, and nothing is exchanged before it is saved',
    async (file, step) => {
      const world = await AgentWorld.begun();
      const mend = failAfterExchange(world, file, step);
      expect(await world.refresh()).toBe('SECRET_NOT_PERSISTED');
      expect(world.broker.status()).toMatchObject({
        state: 'degraded',
        token: { status: 'valid', sequence: 2 },
        secret: { status: 'memory_only', persisted: false },
      });
      expect(world.broker.token()?.sequence).toBe(2);
      expect(world.published.map((token) => token.sequence)).toEqual([1, 2]);
      expect(world.alerts.map(({ code, severity }) => `${code} ${severity}`)).toContain(
        'SECRET_NOT_PERSISTED critical',
      );

      await world.clock.elapse(3 * 60 * minute);
      expect(world.server.arrivals).toHaveLength(2);
      expect(await world.refresh()).toBe('SECRET_NOT_PERSISTED');
      await expect(world.handOver('another')).rejects.toMatchObject({ code: 'SECRET_NOT_PERSISTED' });

      mend();
      await world.clock.elapse(15_000);
      expect(world.broker.status()).toMatchObject({
        state: 'active',
        secret: { persisted: true },
        alerts: [],
      });
      await world.restart();
      expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
      expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
    },
  );

  it('is saved all the same where only the raw answer fails', async () => {
    const world = await AgentWorld.begun();
    failAfterExchange(world, '/.raw-', 'all');
    expect(await world.refresh()).toBeNull();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 }, alerts: [] });
    expect(world.log.events()).toContain('raw-not-saved');
  });

  it('does not fail because of an answer that cannot be removed afterwards', async () => {
    const world = await AgentWorld.begun();
    failAfterExchange(world, '/raw-', 'remove');
    expect(await world.refresh()).toBeNull();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 }, alerts: [] });
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 } });
    expect(world.server.arrivals).toHaveLength(2);
  });

  it.each(files)('is taken up by the next process, where the raw answer is there: %s', async (file) => {
    const world = await AgentWorld.begun();
    const mend = failAfterExchange(world, file, 'write');
    await world.refresh();
    mend();
    await world.restart();
    expect(world.broker.status()).toMatchObject({
      state: 'active',
      secret: { generation: 2 },
      token: { sequence: 2 },
    });
    expect(world.server.arrivals).toHaveLength(2);
  });

  it.each([
    ['session.sealed', 1],
    ['journal.sealed', 2],
  ] as const)(
    'is taken over from the store, where the raw answer is not there: %s',
    async (file, sequence) => {
      const world = await AgentWorld.begun();
      const mend = failAfterExchange(world, file, 'write');
      const failSaving = world.disk.fault;
      world.disk.fault = (step, index) => (step[1]?.includes('/.raw-') ? 'EIO' : failSaving(step, index));
      await world.refresh();
      mend();
      world.disk.fault = () => null;
      await world.restart();
      expect(world.log.events()).toContain('newer-secret-adopted');
      expect(world.broker.status()).toMatchObject({
        state: 'active',
        secret: { generation: 2 },
        token: { sequence },
      });
      expect(world.server.arrivals).toHaveLength(2);
      expect(await world.refresh()).toBeNull();
      expect(world.broker.status().token.sequence, 'no two tokens have one number').toBe(3);
      expect(world.server.registry.report()['web-01']?.spentSecretUses).toBe(0);
    },
  );

  it('is lost with the process where nothing of it could be written, and is called so', async () => {
    const world = await AgentWorld.begun();
    const mend = failAfterExchange(world, '', 'write');
    expect(await world.refresh()).toBe('SECRET_NOT_PERSISTED');
    mend();
    await world.restart();
    await world.clock.elapse(minute);
    expect(world.broker.status()).toMatchObject({ state: 'lost', token: { status: 'valid', sequence: 1 } });
  });
});

describe('a refusal that cannot be saved', () => {
  it('is repeated until it is, and nothing is sent meanwhile', async () => {
    const world = await AgentWorld.begun();
    world.server.registry.revoke('web-01');
    const mend = failAfterExchange(world, 'journal.sealed', 'write');
    expect(await world.refresh()).toBe('STORE_UNAVAILABLE');
    await world.clock.elapse(60 * minute);
    expect(world.server.arrivals).toHaveLength(2);
    expect(world.alerts.map((alert) => alert.code)).toContain('STORE_UNAVAILABLE');
    expect(await world.refresh()).toBe('STORE_UNAVAILABLE');
    mend();
    await world.clock.elapse(15_000);
    expect(world.server.arrivals, 'the previous secret was tried').toHaveLength(3);
    await world.restart();
    expect(world.broker.status()).toMatchObject({ state: 'revoked', alerts: [{ code: 'SECRET_REVOKED' }] });
  });
});

describe('a store or a state folder that could not keep an answer', () => {
  const rows = [
    ['the store cannot be read', 'read', '/secret.sealed'],
    ['the candidate cannot be read', 'read', '/candidate.sealed'],
    ['the key cannot be read', 'read', '/keys/key'],
    ...writing
      .slice(0, 4)
      .map((step) => [`the store fails to ${step} a record`, step, '/.probe.sealed'] as const),
    ['the store cannot remove it', 'remove', '/probe.sealed'],
    ...writing
      .slice(0, 4)
      .map((step) => [`the state folder fails to ${step} a record`, step, 'journal-probe.sealed'] as const),
    ...writing
      .slice(0, 4)
      .map((step) => [`the state folder fails to ${step} the intent`, step, '/.journal.sealed'] as const),
    ['the folder cannot be synced', 'sync-folder', '/state/agents/web-01'],
  ] as const;

  it.each(rows)('sends nothing: %s', async (_what, failing, file) => {
    const world = await AgentWorld.begun();
    world.disk.fault = ([step, path = '']) => (step === failing && path.includes(file) ? 'ENOSPC' : null);
    expect(await world.refresh()).toBe('STORE_UNAVAILABLE');
    await world.clock.elapse(25 * minute);
    expect(world.server.arrivals).toHaveLength(1);
    expect(world.broker.token()?.sequence, 'the token is served on').toBe(1);
    expect(world.broker.status()).toMatchObject({ state: 'degraded', secret: { status: 'unreachable' } });
    const codes = world.alerts.map(({ code, severity }) => `${code} ${severity}`);
    expect(codes).toEqual(['STORE_UNAVAILABLE warning', 'TOKEN_EXPIRING critical']);

    world.disk.fault = () => null;
    await world.clock.elapse(minute);
    expect(world.broker.status()).toMatchObject({ state: 'active', secret: { generation: 2 }, alerts: [] });
  });
});
