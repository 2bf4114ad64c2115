import { beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../fakes/manual-clock.ts';
import type { MemoryDisk } from '../../fakes/memory-disk.ts';
import { eventually } from '../../support/eventually.ts';
import { HeldDisk } from './fixtures/held-disk.ts';
import { file, type MemoryOutputs, memoryOutputs } from './fixtures/memory-outputs.ts';
import { tokenOf } from './fixtures/tokens.ts';

const never = new AbortController().signal;

let memory: MemoryDisk;
let clock: ManualClock;
let told: string[];
let placed: string[];
let files: MemoryOutputs['files'];
let outputSet: MemoryOutputs['outputSet'];

beforeEach(() => {
  ({ memory, clock, told, placed, files, outputSet } = memoryOutputs());
});

describe('the outputs of an agent', () => {
  it('all get the token', async () => {
    expect(await outputSet(['/good/a', '/good/b']).publish(tokenOf('one'))).toBe(true);
    expect(files()).toEqual({ '/good/a': 'one', '/good/b': 'one' });
  });

  it('may be none', async () => {
    const none = outputSet([]);
    expect(await none.publish(tokenOf('one'))).toBe(true);
    await none.close(never);
  });

  it('do not suffer from one that fails, which catches up by itself', async () => {
    const outputs = outputSet(['/missing/a', '/good/b']);
    expect(await outputs.publish(tokenOf('one'))).toBe(false);
    expect([files(), told]).toEqual([{ '/good/b': 'one' }, ['/missing/a OUTPUT_UNUSABLE']]);
    memory.seedFolder('/missing');
    await clock.elapse(60_000);
    expect(files()).toEqual({ '/missing/a': 'one', '/good/b': 'one' });
    expect(told).toEqual(['/missing/a OUTPUT_UNUSABLE', '/missing/a works']);
  });

  it('do not wait for one that hangs', async () => {
    const disk = new HeldDisk(memory, (path) => path === '/good/slow');
    const outputs = outputSet(['/good/slow', '/good/quick'], disk);
    void outputs.publish(tokenOf('one'));
    await eventually(() => expect(files()['/good/quick']).toBe('one'));
    void outputs.publish(tokenOf('two', 2));
    await eventually(() => expect(files()['/good/quick']).toBe('two'));
    disk.release();
    await eventually(() => expect(files()['/good/slow']).toBe('two'));
  });
});

describe('that a token is in all files', () => {
  it('is told when the last one has it', async () => {
    const outputs = outputSet(['/missing/a', '/good/b']);
    await outputs.publish(tokenOf('one'));
    expect(placed).toEqual([]);
    memory.seedFolder('/missing');
    await clock.elapse(60_000);
    expect(placed).toEqual(['1 written']);
    await outputs.publish(tokenOf('two', 2));
    expect(placed).toEqual(['1 written', '2 written']);
  });

  it('is told when the one that failed is no longer meant', async () => {
    const outputs = outputSet(['/missing/a', '/good/b']);
    await outputs.publish(tokenOf('one'));
    await outputs.replace([file('/good/b')]);
    expect(placed).toEqual(['1 written']);
  });

  it('says whether they had it already; where there are none, it is', async () => {
    await outputSet(['/good/a']).publish(tokenOf('one'));
    await outputSet(['/good/a']).publish(tokenOf('one'));
    await outputSet([]).publish(tokenOf('one'));
    expect(placed).toEqual(['1 written', '1', '1']);
  });

  it('is not told of one that is withdrawn, or that a newer one has replaced', async () => {
    const disk = new HeldDisk(memory, () => true);
    const outputs = outputSet(['/good/a'], disk);
    const publishing = outputs.publish(tokenOf('one'));
    await eventually(() => expect(disk.asked).toHaveLength(1));
    outputs.withdraw(1);
    disk.release();
    await publishing;
    await outputs.publish(tokenOf('two', 2));
    expect(placed).toEqual(['2 written']);
  });
});

describe('other files', () => {
  it('get the newest token; those that are no longer meant stay as they are', async () => {
    const outputs = outputSet(['/good/a', '/good/b']);
    await outputs.publish(tokenOf('one'));
    await outputs.replace([file('/good/b'), file('/good/c')]);
    await eventually(() => expect(files()).toEqual({ '/good/a': 'one', '/good/b': 'one', '/good/c': 'one' }));
    await outputs.publish(tokenOf('two', 2));
    expect(files()).toEqual({ '/good/a': 'one', '/good/b': 'two', '/good/c': 'two' });
  });

  it('may be the same ones in another dress', async () => {
    const outputs = outputSet(['/good/a']);
    await outputs.publish(tokenOf('one'));
    await outputs.replace([file('/good/a', 0o600)]);
    await eventually(async () => expect(await memory.stat('/good/a')).toMatchObject({ mode: 0o600 }));
    expect(told.filter((line) => line.includes('tampered'))).toEqual([]);
  });

  it('may be the same ones in another format, or for a server that is shown tokens in another way', async () => {
    const outputs = outputSet(['/good/a']);
    const header = { ...file('/good/a'), format: { kind: 'header' } } as const;
    const agent = { name: 'web-01', tokenHeader: { name: 'X-Auth-Token', scheme: null } };
    await outputs.publish(tokenOf('one'));
    await outputs.replace([header]);
    await eventually(() => expect(files()).toEqual({ '/good/a': 'Authorization: Bearer one\n' }));
    await outputs.replace([{ ...header, agent }]);
    await eventually(() => expect(files()).toEqual({ '/good/a': 'X-Auth-Token: one\n' }));
    expect(told.filter((line) => line.includes('tampered'))).toEqual([]);
  });

  it('leave alone what stays the same', async () => {
    const disk = new HeldDisk(memory, () => false);
    const outputs = outputSet(['/good/a'], disk);
    await outputs.publish(tokenOf('one'));
    await outputs.replace([file('/good/a'), file('/good/b')]);
    await eventually(() => expect(disk.asked).toEqual(['/good/a', '/good/b']));
  });

  it('end what was said against those that go', async () => {
    const outputs = outputSet(['/missing/a']);
    await outputs.publish(tokenOf('one'));
    await outputs.replace([]);
    expect(told).toEqual(['/missing/a OUTPUT_UNUSABLE', '/missing/a dropped']);
    expect(clock.nextDueInMs()).toBeNull();
  });

  it('are the last ones that were asked for, whatever was written meanwhile', async () => {
    const disk = new HeldDisk(memory, (path) => path === '/good/slow');
    const outputs = outputSet(['/good/slow'], disk);
    void outputs.publish(tokenOf('one'));
    await eventually(() => expect(disk.asked).toEqual(['/good/slow']));
    void outputs.replace([file('/good/b')]);
    const replaced = outputs.replace([file('/good/c')]);
    void outputs.publish(tokenOf('two', 2));
    disk.release();
    await replaced;
    await eventually(() => expect(files()['/good/c']).toBe('two'));
  });

  it('are not begun after the end', async () => {
    const outputs = outputSet(['/good/a']);
    await outputs.publish(tokenOf('one'));
    const replaced = outputs.replace([file('/good/b')]);
    await outputs.close(never);
    await replaced;
    expect(files()).toEqual({ '/good/a': 'one' });
  });
});

describe('closing', () => {
  it('lets writes under way finish', async () => {
    const disk = new HeldDisk(memory);
    const outputs = outputSet(['/good/a'], disk);
    void outputs.publish(tokenOf('one'));
    await eventually(() => expect(disk.asked).toHaveLength(1));
    const closed = outputs.close(never);
    disk.release();
    await closed;
    expect(files()).toEqual({ '/good/a': 'one' });
  });

  it('does not wait past its deadline', async () => {
    const disk = new HeldDisk(memory);
    const outputs = outputSet(['/good/a'], disk);
    void outputs.publish(tokenOf('one'));
    await eventually(() => expect(disk.asked).toHaveLength(1));
    const deadline = new AbortController();
    const closed = outputs.close(deadline.signal);
    deadline.abort();
    await closed;
    disk.release();
  });

  it('ends the retries', async () => {
    const outputs = outputSet(['/missing/a']);
    await outputs.publish(tokenOf('one'));
    await outputs.close(never);
    expect(clock.nextDueInMs()).toBeNull();
  });
});
