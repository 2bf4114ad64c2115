import { describe, expect, it } from 'vitest';
import { alertsOf } from '../../../src/domain/alerts.ts';
import { factsOf, labelOf } from '../../../src/domain/facts.ts';
import { afterDoubt, afterUnjudged } from '../../../src/domain/ledger.ts';
import { slotToSpend } from '../../../src/domain/plan.ts';
import { attempt, candidateFacts, doubt, held, now, outcomes, record, settings, state } from './fixtures.ts';

/** One more attempt that a person allowed under `halt`. */

const halting = { ...settings, inDoubt: 'halt' } as const;
const allowed = doubt({ mayReplay: true });

function ofCurrent(standing: typeof allowed) {
  return state({ settings: halting, record: record({ current: { doubt: standing, uncertain: false } }) });
}

function ofCandidate(standing: typeof allowed) {
  return state({
    settings: halting,
    candidate: held('new', 4),
    record: record({ candidate: candidateFacts('new', { doubt: standing }) }),
  });
}

describe('a doubt under halt', () => {
  it.each([
    ['current', ofCurrent],
    ['candidate', ofCandidate],
  ] as const)('of the %s secret waits for a person, and no longer when one has decided', (slot, inState) => {
    expect(slotToSpend(inState(doubt()))).toBeNull();
    expect(slotToSpend(inState(allowed))).toBe(slot);
    expect(labelOf(factsOf(inState(doubt()), now))).toBe('blocked');
    expect(labelOf(factsOf(inState(allowed), now))).toBe('degraded');
    expect(alertsOf(inState(allowed), now)).toMatchObject([{ code: 'IN_DOUBT', severity: 'warning' }]);
  });

  it('is one again when the attempt that was allowed is lost too', () => {
    const { record: known } = ofCurrent(allowed);
    const next = afterDoubt(known!, attempt(), now);
    expect(next.current.doubt).toMatchObject({ attempts: 2 });
    expect(next.current.doubt?.mayReplay).toBeUndefined();
  });

  it('stays allowed when the server did not judge the attempt', () => {
    const { record: known } = ofCurrent(allowed);
    expect(afterUnjudged(known!, attempt(), outcomes['rate-limited'], now).current.doubt).toEqual(allowed);
  });
});
