import { beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../fakes/manual-clock.ts';
import type { MemoryDisk } from '../../fakes/memory-disk.ts';
import { powerCuts } from '../../fakes/power-cuts.ts';
import { eventually } from '../../support/eventually.ts';
import { file, type MemoryOutputs, memoryOutputs } from './fixtures/memory-outputs.ts';
import { tokenOf } from './fixtures/tokens.ts';

const never = new AbortController().signal;

let memory: MemoryDisk;
let clock: ManualClock;
let told: string[];
let files: MemoryOutputs['files'];
let outputSet: MemoryOutputs['outputSet'];

beforeEach(() => {
  ({ memory, clock, told, files, outputSet } = memoryOutputs());
});

describe('a token that is known to be dead', () => {
  it('stays in the files by default, and does not go into further ones', async () => {
    const outputs = outputSet(['/good/a']);
    await outputs.publish(tokenOf('one'));
    outputs.withdraw(1);
    await outputs.replace([file('/good/a'), file('/good/b')]);
    await clock.elapse(60_000);
    expect(files()).toEqual({ '/good/a': 'one' });
  });

  it('is removed where that is asked for, until there is another', async () => {
    const outputs = outputSet(['/good/a', '/good/b']);
    outputs.onInvalid = 'remove';
    await outputs.publish(tokenOf('one'));
    outputs.withdraw(1);
    await eventually(() => expect(files()).toEqual({}));
    await outputs.publish(tokenOf('two', 2));
    expect(files()).toEqual({ '/good/a': 'two', '/good/b': 'two' });
    expect(told).toEqual([]);
  });

  it('is removed for good, whenever the power fails then', async () => {
    const outputs = outputSet(['/good/a']);
    outputs.onInvalid = 'remove';
    await outputs.publish(tokenOf('one'));
    outputs.withdraw(1);
    await outputs.close(never);
    for (const disk of powerCuts(memory)) expect([...disk.files()]).toEqual([]);
  });

  it('of an earlier life of the daemon is removed too', async () => {
    await outputSet(['/good/a']).publish(tokenOf('one'));
    const outputs = outputSet(['/good/a']);
    outputs.onInvalid = 'remove';
    outputs.withdraw(1);
    await eventually(() => expect(files()).toEqual({}));
  });

  it('takes no newer one with it', async () => {
    const outputs = outputSet(['/good/a']);
    outputs.onInvalid = 'remove';
    await outputs.publish(tokenOf('two', 2));
    outputs.withdraw(1);
    await outputs.close(never);
    expect(files()).toEqual({ '/good/a': 'two' });
  });

  it('is overtaken by a newer one that comes at once', async () => {
    const outputs = outputSet(['/good/a']);
    outputs.onInvalid = 'remove';
    await outputs.publish(tokenOf('one'));
    outputs.withdraw(1);
    await outputs.publish(tokenOf('two', 2));
    await outputs.close(never);
    expect(files()).toEqual({ '/good/a': 'two' });
  });

  it('is removed as soon as that can be done', async () => {
    memory.fault = ([step]) => (step === 'remove' ? 'EROFS' : null);
    const outputs = outputSet(['/good/a']);
    outputs.onInvalid = 'remove';
    await outputs.publish(tokenOf('one'));
    outputs.withdraw(1);
    await eventually(() => expect(told).toEqual(['/good/a OUTPUT_FAILED']));
    memory.fault = () => null;
    await clock.elapse(60_000);
    expect([files(), told.at(-1)]).toEqual([{}, '/good/a works']);
  });

  it('is removed by the rule of the moment', async () => {
    const outputs = outputSet(['/good/a']);
    await outputs.publish(tokenOf('one'));
    outputs.withdraw(1);
    outputs.onInvalid = 'remove';
    await clock.elapse(60_000);
    expect(files()).toEqual({ '/good/a': 'one' });
    await outputs.publish(tokenOf('two', 2));
    outputs.withdraw(2);
    await eventually(() => expect(files()).toEqual({}));
  });
});
