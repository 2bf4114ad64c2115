import { describe, expect, it } from 'vitest';
import { chooseAgent } from '../../../src/cli/administer/choose-agent.ts';
import type { Config } from '../../../src/config/config.ts';

/** A configuration with agents of these products, by their names. */
function configOf(products: Readonly<Record<string, string>>): Config {
  const agents = Object.entries(products).map(([name, provider]) => ({ name, provider }));
  return { agents } as unknown as Config;
}

const mixed = configOf({ 'logs-01': 'vcf-logs', 'logs-02': 'vcf-logs', 'edge-01': 'f5-xc' });

describe('the agent whose server is to do it', () => {
  it('is the one that is named, or the only one that fits', async () => {
    await expect(chooseAgent(mixed, 'revoke', 'logs-02')).resolves.toMatchObject({ name: 'logs-02' });
    await expect(chooseAgent(mixed, 'bulkRevoke', undefined)).resolves.toMatchObject({ name: 'edge-01' });
  });

  it.each([
    [
      'revoke',
      undefined,
      'USAGE',
      'the servers of 2 agents can revoke secrets; name one with --agent: logs-01, logs-02',
    ],
    [
      'revoke',
      'log-01',
      'AGENT_UNKNOWN',
      'the configuration has no agent of that name; did you mean "logs-01"?',
    ],
    [
      'revoke',
      'edge-01',
      'USAGE',
      'edge-01 is of f5-xc, which cannot revoke secrets; vcf-logs can: name one of its agents with --agent: logs-01, logs-02',
    ],
    [
      'revokeTokens',
      'edge-01',
      'USAGE',
      'edge-01 is of f5-xc, which cannot revoke all tokens; onezone can, and no agent of this configuration is one; add one with provider: onezone and its url',
    ],
    [
      'revokeTokens',
      undefined,
      'CONFIG_INVALID',
      'only onezone can revoke all tokens, and no agent of this configuration is one; add one with provider: onezone and its url',
    ],
  ] as const)('for %s, named %s, is none: %s', async (can, named, code, message) => {
    await expect(chooseAgent(mixed, can, named)).rejects.toMatchObject({ code, message });
  });
});
