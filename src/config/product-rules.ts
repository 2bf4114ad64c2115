import * as v from 'valibot';
import { isProductName, type ProductName, productNames, products } from './products.ts';
import { isMapping, issuePath, published } from './section.ts';

/** Which keys of an agent make sense depends on what its product can do: one that would have no effect is a mistake. */

interface Rules {
  readonly required: readonly string[];
  /** With the reason. */
  readonly refused: Readonly<Record<string, string>>;
}

const examples: Readonly<Record<string, string>> = {
  expires_at: '2027-01-31T00:00:00Z',
  probe: '{ path: /api/web/namespaces }',
};

function rulesOf(name: ProductName): Rules {
  const { exchange, rotates } = products[name];
  const repeated = `has no effect with ${name}: a request without an answer spends no secret, and is simply repeated; remove it`;
  const fixedEnd = `has no effect with ${name}, which has no exchange: its credential is the token, and lives until expires_at; remove it`;
  return {
    required: exchange ? [] : ['expires_at', 'probe'],
    refused: {
      ...(exchange
        ? {
            expires_at: `has no effect with ${name}, whose exchange says how long a token lives; remove it, or set ttl`,
          }
        : { ttl: fixedEnd, refresh: fixedEnd }),
      ...(!rotates && { in_doubt: repeated }),
    },
  };
}

/** Problems that an agent has with its product, each at a key. */
export function productProblems<Agent extends object>() {
  return v.rawCheck<Agent>(({ dataset, addIssue }) => {
    const agent: unknown = dataset.value;
    if (!isMapping(agent)) return;
    const { provider } = agent;
    if (!isProductName(provider)) return;
    const { required, refused } = rulesOf(provider);
    for (const key of required) {
      if (key in agent) continue;
      const example = `for example ${key}: ${examples[key]}`;
      addIssue({
        message: `is missing; ${provider} needs it, ${example}`,
        path: issuePath([key], 'key'),
      });
    }
    for (const [key, message] of Object.entries(refused)) {
      if (agent[key] !== undefined) addIssue({ message, path: issuePath([key], 'key') });
    }
  });
}

/** {@link productProblems}, as far as it is for editors. */
export function publishedProductRules<Agent>() {
  return published<Agent>({
    allOf: productNames.map((name) => {
      const { required, refused } = rulesOf(name);
      return {
        if: { properties: { provider: { const: name } }, required: ['provider'] },
        // eslint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
        then: {
          ...(required.length > 0 && { required }),
          properties: Object.fromEntries(Object.keys(refused).map((key) => [key, false])),
        },
      };
    }),
  });
}
