import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { rejectionStatuses } from '../../src/domain/probe.ts';
import { judgeProbe } from '../../src/providers/token/probe.ts';
import { answers, http, statuses as anyStatus } from '../support/answers.ts';

const statuses = { rejected: rejectionStatuses, forbidden: [] };

it('whatever is answered to a token, a verdict of works or rejected is the word of a status', () => {
  fc.assert(
    fc.property(answers(), (given) => {
      const { kind } = judgeProbe(given, statuses);
      const spoken = {
        works: given.status >= 200 && given.status < 300,
        rejected: rejectionStatuses.includes(given.status),
        forbidden: false,
        unknown: true,
      };
      expect(spoken[kind]).toBe(true);
    }),
  );
});

it('a verdict repeats nothing of what the server said', () => {
  const token = 'TheToken';
  fc.assert(
    fc.property(anyStatus, fc.boolean(), (status, isPage) => {
      const headers = { location: `/${token}`, 'retry-after': token };
      const answer = http(status, isPage ? `<html>${token}` : token, headers);
      expect(JSON.stringify(judgeProbe(answer, statuses))).not.toContain(token);
    }),
  );
});

it('a token is rejected however long the answer, and whether or not it came to its end', () => {
  const cut = { ...http(401, 'x'), complete: false };
  expect(judgeProbe(cut, statuses)).toEqual({
    kind: 'rejected',
    detail: 'the server answered 401 to the token',
  });
});
