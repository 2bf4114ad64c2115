import { describe, expect, it } from 'vitest';
import { accessOf, denialOf, uncheckedAccess, type AllowRule, type Verb } from '../../src/serve/access.ts';
import type { Peer } from '../../src/serve/peer.ts';

const verbs: readonly Verb[] = ['token', 'status', 'admin'];
const peer = (uid: number | null, ...groups: number[]): Peer => ({ uid, pid: 1, groups });

describe('accessOf', () => {
  const rules: readonly AllowRule[] = [
    { user: 1000, may: ['token'] },
    { group: 4, may: ['status'] },
    { user: 0, may: ['token', 'status', 'admin'] },
    { user: 65_534, may: ['token', 'status', 'admin'] },
    { group: 65_534, may: ['token', 'status', 'admin'] },
  ];

  it.each<[string, Peer, readonly Verb[]]>([
    ['a user that a rule names', peer(1000, 1000), ['token']],
    ['a member of a named primary group', peer(1001, 4), ['status']],
    ['a member of a named supplementary group', peer(1001, 1001, 7, 4), ['status']],
    ['both: the rules add up', peer(1000, 1000, 4), ['token', 'status']],
    ['root by its rule', peer(0, 0), ['token', 'status', 'admin']],
    ['a stranger', peer(1001, 1001), []],
    ['a user whose number is a named group', peer(4, 1001), []],
    ['a group whose number is a named user', peer(1001, 1000), []],
    ['the overflow user, though a rule names it', peer(65_534, 65_534, 4), []],
    ['a member of the overflow group, though a rule names it', peer(1001, 65_534), []],
    ['nobody asked the kernel', peer(null), []],
  ])('%s', (_case, who, allowed) => {
    const access = accessOf(who, rules);
    expect(verbs.filter((verb) => access.may(verb, 'web-01'))).toEqual(allowed);
  });

  describe('with rules for some agents', () => {
    const rulesForSome: readonly AllowRule[] = [
      { user: 1000, may: ['token'], agents: ['web-*', 'db'] },
      { group: 4, may: ['status'], agents: null },
      { group: 4, may: ['admin'], agents: ['*'] },
    ];
    it.each<[Verb, string | null, boolean]>([
      ['token', 'web-01', true],
      ['token', 'web-', true],
      ['token', 'db', true],
      ['token', 'db-01', false],
      ['token', 'app-web-01', false],
      // on a route that shows everybody its own agents
      ['token', null, true],
      ['status', 'anything', true],
      ['admin', 'anything', true],
    ])('%s of %s: %s', (verb, agent, allowed) => {
      expect(accessOf(peer(1000, 4), rulesForSome).may(verb, agent)).toBe(allowed);
    });

    it('allows on no route what it allows for no agent', () => {
      expect(accessOf(peer(1000), rulesForSome).may('status', null)).toBe(false);
    });

    it('hold without a peer check, too', () => {
      const access = uncheckedAccess(rulesForSome);
      expect([access.may('token', 'web-01'), access.may('token', 'app')]).toEqual([true, false]);
    });

    it('names the agent that is missing, as far as it can be one', () => {
      const who = peer(1000, 1000);
      const denied = { peer: who, access: accessOf(who, rulesForSome), verb: 'token' as const };
      expect(denialOf({ ...denied, agent: 'app' })).toContain('{ user: 1000, may: [token], agents: [app] }');
      expect(denialOf({ ...denied, agent: ']"' })).toContain('{ user: 1000, may: [token] }');
    });
  });

  it('allows nobody anything without rules, not even root', () => {
    expect(verbs.some((verb) => accessOf(peer(0, 0), []).may(verb, null))).toBe(false);
  });
});

describe('uncheckedAccess', () => {
  it('allows everything without rules', () => {
    expect(verbs.every((verb) => uncheckedAccess([]).may(verb, null))).toBe(true);
  });

  it('allows what any rule allows', () => {
    const access = uncheckedAccess([
      { user: 0, may: ['token'] },
      { group: 4, may: ['status'] },
    ]);
    expect(verbs.filter((verb) => access.may(verb, null))).toEqual(['token', 'status']);
  });
});

describe('denialOf', () => {
  it.each([
    [peer(1001, 1001, 4), 'uid 1001 (groups 1001, 4)', '{ user: 1001, may: [token] }'],
    [peer(65_534, 65_534), 'uid 65534', 'never allowed'],
    [peer(null), 'no rule', '"token"'],
  ])('tells who it is and what is missing', (who, identity, advice) => {
    const denial = denialOf({ peer: who, access: accessOf(who, []), verb: 'token', agent: 'web-01' });
    expect(denial).toContain(identity);
    expect(denial).toContain(advice);
  });
});
