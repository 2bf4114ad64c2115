import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/platform/metrics.ts';
import { allRoutes } from '../../src/serve/routes.ts';
import { TokenAnswers } from '../../src/serve/token-answers.ts';
import { Watchers } from '../../src/serve/watchers.ts';
import { FakeKeyKeeper } from '../fakes/fake-key-keeper.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { MemoryLog } from '../fakes/memory-log.ts';
import { type DescribedParameter, paths, resolved } from '../support/api/strict-document.ts';

/** The table of routes and the OpenAPI document say the same. */

interface Facts {
  readonly permission: string;
  readonly surface: string;
  /** Of the query. */
  readonly parameters: readonly string[];
}

const clock = new ManualClock();
const metrics = createMetrics({ version: 'test', clock, agents: () => [] });
const routes = allRoutes(
  {
    agents: () => new Map(),
    clock,
    log: new MemoryLog(),
    metrics,
    keys: new FakeKeyKeeper(),
    description: async () => '{}',
    giveMemoryBack: () => {},
  },
  {
    answers: new TokenAnswers(clock, 75_000),
    watchers: new Watchers({ agents: () => new Map(), clock, metrics, giveMemoryBack: () => {} }),
    oauthClients: () => null,
  },
);

const served = new Map<string, Facts>(
  routes.flatMap(({ template, surface, methods }) =>
    Object.entries(methods).map(([method, { verb, parameters }]) => [
      `${method} ${template}`,
      { permission: verb ?? 'none', surface, parameters: [...(parameters ?? [])].toSorted() },
    ]),
  ),
);

const described = new Map<string, Facts>(
  Object.entries(paths).flatMap(([template, item]) =>
    (['get', 'post', 'put'] as const).flatMap((method): [string, Facts][] => {
      const operation = item[method];
      if (operation === undefined) return [];
      const parameters = (operation.parameters ?? [])
        .map((parameter) => resolved(parameter) as DescribedParameter)
        .filter((parameter) => parameter.in === 'query')
        .map(({ name }) => name)
        .toSorted();
      const facts = {
        permission: operation['x-tokenward-permission'],
        surface: operation['x-tokenward-surface'],
        parameters,
      };
      return [[`${method.toUpperCase()} ${template}`, facts]];
    }),
  ),
);

describe('the routes and openapi.json', () => {
  it('have the same operations', () => {
    expect([...described.keys()].toSorted()).toEqual([...served.keys()].toSorted());
  });

  it.each([...served])('say the same of %s', (operation, facts) => {
    expect(described.get(operation)).toEqual(facts);
  });
});
