import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import { paths } from '../../support/api/strict-document.ts';
import { metSoFar } from '../../support/api/witness.ts';
import { type Operation, provokeProblem, successes } from './provocations.ts';
import { Serving } from './serving.ts';

/**
 * Every answer that openapi.json describes is brought about, so that none is a promise that nobody keeps. As after every test,
 * each is held to its description; the last test sees that this has really been done with all of them.
 */

const operations = Object.entries(paths).flatMap(([template, item]) =>
  (['get', 'post', 'put'] as const).flatMap((key) => {
    const described = item[key];
    const method = key.toUpperCase();
    if (described === undefined) return [];
    const operation: Operation = {
      id: described.operationId,
      method,
      path: template.replace('{agent}', 'web-01'),
      permission: described['x-tokenward-permission'],
    };
    return [{ operation, template, responses: Object.entries(described.responses) }];
  }),
);

/** As `met` of a judgement names them. */
const answers = operations.flatMap(({ operation, template, responses }) =>
  responses.flatMap(([status, { content = {} }]) => {
    const types = Object.keys(content).length === 0 ? [null] : Object.keys(content);
    return types.map((type) => {
      const suffix = type === null ? status : `${status} ${type}`;
      return {
        operation,
        name: `${operation.id} ${suffix}`,
        met: `${operation.method} ${template} ${suffix}`,
      };
    });
  }),
);

const problems = operations.flatMap(({ operation, responses }) =>
  responses.flatMap(([status, response]) =>
    (response['x-tokenward-codes'] ?? []).map(
      (code) => [operation.id, Number(status), code as ErrorCode, operation] as const,
    ),
  ),
);

describe('every problem that is described is an answer of the daemon', () => {
  it.each(problems)('%s: %i %s', async (_id, status, code, operation) => {
    await using serving = new Serving();
    const answer = await provokeProblem(serving, operation, status, code);
    expect(answer).toMatchObject({ status, json: { code } });
  });
});

describe('every other answer that is described is one of the daemon', () => {
  const others = answers.filter(({ name }) => !name.endsWith('problem+json'));

  it.each(others)('$name', async ({ name, operation }) => {
    await using serving = new Serving();
    const provoke = successes[name];
    if (provoke === undefined) throw new Error(`nothing provokes ${name}`);
    const { status } = await provoke(serving, operation);
    expect(`${operation.id} ${status}`).toBe(name.split(' ').slice(0, 2).join(' '));
  });
});

it('all of them were held to their description', () => {
  const missed = answers.map(({ met }) => met).filter((met) => !metSoFar().has(met));
  expect(missed).toEqual([]);
});
