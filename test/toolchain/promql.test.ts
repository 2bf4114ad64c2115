import { describe, expect, it } from 'vitest';
import { complaintsAbout, partsOf } from '../support/prometheus/promql.ts';

/** The eyes of the tests that compare queries with a scrape: they must see what is wrong. */

const known = new Map([
  ['requests_total', new Set(['route'])],
  ['seconds_bucket', new Set(['agent', 'le'])],
]);

describe('a query', () => {
  it('is taken apart, wherever its metrics stand', () => {
    const query = 'sum by (a) (rate(one{x="1",y=~"2"}[5m])) / on (b) group_left (c) (two:three:four > 0)';
    expect(partsOf(query)).toEqual({
      selectors: [
        { name: 'one', labels: ['x', 'y'] },
        { name: 'two:three:four', labels: [] },
      ],
      groupings: ['a', 'b', 'c'],
    });
  });

  it.each(['sum(', 'one two', 'rate(one[5m)', '{job="x"}'])('is refused: %s', (query) => {
    expect(() => partsOf(query)).toThrow(query);
  });

  it.each([
    ['rate(requests_total{route="/",job="x",instance="y"}[5m])', []],
    ['sum by (job, le) (rate(seconds_bucket{agent="a"}[5m]))', []],
    ['rate(request_total[5m])', ['nobody exports request_total']],
    ['requests_total{path="/"}', ['requests_total has no label path']],
    ['sum by (agent) (requests_total)', ['nothing here has a label agent']],
  ])('is compared with what is exported: %s', (query, complaints) => {
    expect(complaintsAbout(query, known)).toEqual(complaints.map((complaint) => `${complaint}: ${query}`));
  });
});
