import { expect, it } from 'vitest';
import type { Trouble } from '../../../src/domain/agent-state.ts';
import { transition } from '../../../src/domain/transition.ts';
import { attempt, granted, moment, now, state, trouble } from './fixtures.ts';

/** The token of a grant, as it is about to be saved. */
function tokenAfter(refreshTrouble: Trouble | null) {
  const phase = { name: 'interpreting', attempt: attempt(), answeredAt: now } as const;
  const event = { type: 'interpreted', outcome: granted() } as const;
  const { phase: next } = transition(state({ phase, refreshTrouble }), event, moment()).state;
  return next.name === 'saving' ? next.steps.find((step) => step.save === 'session')?.token : undefined;
}

it('a token that came after a failed try says so, which spreads its refresh', () => {
  expect(tokenAfter(trouble('SERVER_TROUBLE'))).toMatchObject({ afterTrouble: true });
  expect(tokenAfter(null)).toMatchObject({ jitterDraw: 0.5 });
  expect(tokenAfter(null)).not.toHaveProperty('afterTrouble');
});
