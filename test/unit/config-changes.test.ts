import { describe, expect, it } from 'vitest';
import { changesBetween } from '../../src/config/changes.ts';
import { parseConfig } from '../../src/config/parse.ts';

/** What a reload would have to do, from two texts. */

const agent = (more = '') =>
  `{ provider: vcf-logs, url: https://logs.example.com, secret: { store: file }${more} }`;
const ending = (end: string) =>
  `web-01: ${agent(`, expires_at: "${end}", probe: { path: /a }`).replace('vcf-logs', 'f5-xc')}`;
const text = ({ top = '', agents = `web-01: ${agent()}`, listeners = '' }) => `${top}
agents:
  ${agents}
listeners:
  - { unix: /run/tokenward.sock, allow: [{ user: root, may: [admin] }] }
  - { tcp: "127.0.0.1:9464", serves: [health] }
  ${listeners}
`;
const config = (over: Parameters<typeof text>[0] = {}) => parseConfig(text(over), '/etc/tokenward.yaml', {});

const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

function changes(before: Parameters<typeof text>[0], after: Parameters<typeof text>[0]) {
  const { fixed, agents, none } = changesBetween(config(before), config(after));
  return {
    fixed,
    agents: { added: names(agents.added), changed: names(agents.changed), removed: agents.removed },
    none,
  };
}

const nothing = {
  fixed: [],
  agents: { added: [], changed: [], removed: [] },
  none: true,
};
const something = { ...nothing, none: false };

describe('the difference between two configurations', () => {
  it('is none where another text says the same', () => {
    expect(changes({}, { top: '# a remark\nstate_dir: /var/lib/tokenward' })).toEqual(nothing);
  });

  it('tells of alerts that go another way', () => {
    const changed = changesBetween(config(), config({ top: 'alerts: [{ exec: [/bin/page-me] }]' }));
    expect([changed.alerts, changed.none, changed.agents.changed]).toEqual([true, false, []]);
    expect(changesBetween(config(), config({ top: 'shutdown_grace: 30s' })).alerts).toBe(false);
  });

  it('is none for agents in another order, but for their order', () => {
    const one = `web-01: ${agent()}\n  web-02: ${agent()}`;
    const other = `web-02: ${agent()}\n  web-01: ${agent()}`;
    expect(changes({ agents: one }, { agents: other })).toEqual(something);
  });

  it.each([
    ['added', `web-01: ${agent()}\n  web-02: ${agent()}`, { added: ['web-02'], changed: [], removed: [] }],
    ['renamed', `web-02: ${agent()}`, { added: ['web-02'], changed: [], removed: ['web-01'] }],
    ['changed', `web-01: ${agent(', ttl: 1h')}`, { added: [], changed: ['web-01'], removed: [] }],
    [
      'shown to the server in another way',
      `web-01: ${agent(', token_header: { name: X-JWT-Token }, probe: { path: /a }')}`,
      { added: [], changed: ['web-01'], removed: [] },
    ],
    [
      'given a file',
      `web-01: ${agent(', files: [{ path: /run/token }]')}`,
      { added: [], changed: ['web-01'], removed: [] },
    ],
  ])('tells of an agent that is %s', (_how, agents, expected) => {
    expect(changes({}, { agents })).toEqual({ ...something, agents: expected });
  });

  it('is a change, and no more, where a credential has another end', () => {
    const [before, after] = [ending('2027-01-31T00:00:00Z'), ending('2027-02-28T00:00:00Z')];
    expect(changes({ agents: before }, { agents: after })).toEqual({
      ...something,
      agents: { added: [], changed: ['web-01'], removed: [] },
    });
  });

  it('is some where only a listener differs', () => {
    expect(changes({}, { listeners: '- { tcp: "127.0.0.1:9465", serves: [metrics] }' })).toEqual(something);
  });
});

describe('what a running daemon cannot change', () => {
  it.each([
    ['state_dir', { top: 'state_dir: /srv/state' }],
    ['agents.web-01.provider', { agents: `web-01: ${agent().replace('vcf-logs', 'onezone')}` }],
    ['agents.web-01.secret', { agents: `web-01: ${agent().replace('file', 'keychain')}` }],
    ['agents.web-01.secret', { agents: `web-01: ${agent().replace('file', 'file, key_file: /etc/key')}` }],
  ])('%s', (key, after) => {
    expect(changes({}, after).fixed).toEqual([key]);
  });

  it('peer_check of a socket', () => {
    const before = config();
    const [socket, port] = before.listeners;
    const after = { ...before, listeners: [{ ...socket!, peerCheck: 'none' as const }, port!] };
    expect(changesBetween(before, after).fixed).toEqual(['listeners: peer_check of /run/tokenward.sock']);
  });
});
