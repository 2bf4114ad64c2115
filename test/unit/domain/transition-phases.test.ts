import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../src/domain/agent-event.ts';
import type { AgentState, Phase } from '../../../src/domain/agent-state.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import { eachEvent as events, eachPhase as phases } from './each-phase.ts';
import { moment, state } from './fixtures.ts';

/** Every event in every phase: what belongs to something that is over changes nothing. */

/** The phase to which an event belongs; all others may come at any time. */
const belongsTo: Partial<Record<AgentEvent['type'], Phase['name']>> = {
  started: 'opening',
  opened: 'opening',
  'held-elsewhere': 'opening',
  'open-failed': 'opening',
  prepared: 'preparing',
  'store-failed': 'preparing',
  'lock-lost': 'preparing',
  'not-connected': 'preparing',
  'intent-saved': 'saving-intent',
  'intent-failed': 'saving-intent',
  answered: 'exchanging',
  'raw-saved': 'saving-raw',
  'raw-failed': 'saving-raw',
  interpreted: 'interpreting',
  'step-saved': 'saving',
  'step-failed': 'saving',
  'maintenance-ended': 'maintenance',
};

const names = Object.keys(phases) as Phase['name'][];
const pairs = Object.entries(belongsTo).flatMap(([event, home]) =>
  names.map((phase) => [event as AgentEvent['type'], phase, home] as const),
);
const strangers = pairs.filter(([, phase, home]) => phase !== home && phase !== 'stopped');
const atHome = pairs.filter(([, phase, home]) => phase === home);

describe('an event that belongs to another phase', () => {
  it.each(strangers)('%s while %s changes nothing', (event, phase) => {
    const before = state({ phase: phases[phase] });
    const { state: after, effects } = transition(before, events[event], moment());
    expect(after).toBe(before);
    // A connection that nobody waits for is given up.
    expect(effects).toEqual(event === 'prepared' ? [{ do: 'disconnect' }] : []);
  });
});

describe('an event in its own phase', () => {
  it.each(atHome)('%s while %s leads on', (event, phase) => {
    const { effects, state: after } = transition(state({ phase: phases[phase] }), events[event], moment());
    expect({ effects, phase: after.phase }).not.toEqual({ effects: [], phase: phases[phase] });
  });
});

describe('the timer', () => {
  it.each(names)('while %s does nothing where nothing is due', (phase) => {
    const before = state({ phase: phases[phase] });
    expect(transition(before, events.woke, moment())).toEqual({ state: before, effects: [] });
  });

  it('starts what is due', () => {
    const { state: after, effects } = transition(state({ token: null }), events.woke, moment());
    expect(after.phase).toEqual({ name: 'preparing', slot: 'current' });
    expect(effects).toEqual([{ do: 'prepare' }]);
  });
});

/** Nothing waits for a probe, so that a stop in the middle of one is a stop at rest. */
const busy = names.filter((name) => !['waiting', 'probing', 'stopped'].includes(name));

describe('a stop', () => {
  it.each(['waiting', 'probing'] as const)('while %s ends at once', (phase) => {
    const before = state({ phase: phases[phase] });
    const { state: after, effects } = transition(before, events['stop-requested'], moment());
    expect(after.phase).toEqual({ name: 'stopped' });
    expect(effects).toEqual([]);
  });

  it.each(busy)('while %s lets that end', (phase) => {
    const before = state({ phase: phases[phase] });
    const { state: after, effects } = transition(before, events['stop-requested'], moment());
    expect(after).toEqual({ ...before, stopping: true });
    expect(effects).toEqual([]);
  });

  it('ends everything that waits', () => {
    const secret = credential('handed over');
    const waiting: Partial<AgentState> = {
      phase: phases.preparing,
      refreshRequests: ['r1', 'r2'],
      queuedHandOver: { request: 'h1', secret },
      verdictRequest: { request: 'h2', secret },
      stopping: true,
    };
    const { state: after, effects } = transition(state(waiting), events.prepared, moment());
    expect(after.phase).toEqual({ name: 'stopped' });
    const told = effects.flatMap((effect) =>
      effect.do === 'reply' ? [[effect.request, effect.topic, effect.error?.code]] : [],
    );
    expect(told).toEqual([
      ['r1', 'refreshed', 'SHUTTING_DOWN'],
      ['r2', 'refreshed', 'SHUTTING_DOWN'],
      ['h1', 'stored', 'SHUTTING_DOWN'],
      ['h2', 'judged', 'SHUTTING_DOWN'],
    ]);
  });
});

describe('after the stop', () => {
  it.each(Object.keys(events) as AgentEvent['type'][])('%s changes nothing', (event) => {
    const stopped = state({ phase: phases.stopped });
    const { state: after, effects } = transition(stopped, events[event], moment());
    expect(after).toBe(stopped);
    const expected = {
      'refresh-requested': ['r', 'refreshed'],
      'handed-over': ['h', 'stored'],
      'maintenance-requested': ['m', 'admitted'],
      reconfigured: ['s', 'reconfigured'],
    }[event as string];
    expect(effects.map((effect) => effect.do === 'reply' && [effect.request, effect.topic])).toEqual(
      expected === undefined ? [] : [expected],
    );
    expect(effects.every((effect) => effect.do === 'reply' && effect.error?.code === 'SHUTTING_DOWN')).toBe(
      true,
    );
  });
});

describe('a condition outside the rotation', () => {
  it('stands until it ends, and may begin twice', () => {
    const began = transition(state(), events['condition-began'], moment()).state;
    const again = transition(began, events['condition-began'], moment()).state;
    expect(Object.keys(again.conditions)).toEqual(['file']);
    const ended = transition(again, events['condition-ended'], moment()).state;
    expect(ended.conditions).toEqual({});
    expect(transition(ended, events['condition-ended'], moment()).state.conditions).toEqual({});
  });
});
