import { createHmac } from 'node:crypto';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertReceiver } from '../../support/alert-receiver.ts';
import { ChannelSite, host, notice, patient, resolved } from './channel-site.ts';

let site: ChannelSite;
let receiver: AlertReceiver;

beforeEach(async () => {
  [site, receiver] = await Promise.all([ChannelSite.create(), AlertReceiver.listening()]);
});
afterEach(async () => {
  await Promise.all([site[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()]);
});

const channel = (keys: object = {}) =>
  site.channel({ webhook: { url: `${receiver.url}/hook?a=b`, ...keys } });

describe('the webhook channel', () => {
  it('posts the notice as JSON', async () => {
    await channel().deliver(notice(), patient);
    expect(receiver.received[0]).toMatchObject({ method: 'POST', path: '/hook?a=b' });
    expect(receiver.bodies).toEqual([
      {
        version: 1,
        status: 'firing',
        id: 'web-01/SECRET_REVOKED/1',
        host,
        agent: 'web-01',
        code: 'SECRET_REVOKED',
        severity: 'critical',
        since: '2026-01-01T11:59:00.000Z',
        ended_at: null,
        headline: `web-01 on ${host}: the server refuses the secret`,
        summary: 'the server refuses the secret of web-01; run `tokenward enroll web-01`',
        flapped: 0,
        meaning: expect.any(String) as unknown,
        steps: expect.arrayContaining([expect.stringContaining('tokenward enroll web-01')]) as unknown,
        runbook_url: 'docs/runbooks.md#secret_revoked',
        test: false,
      },
    ]);
    expect(receiver.received[0]?.headers).not.toHaveProperty('x-tokenward-signature');
  });

  it('says by the same id that it is over, and that it became worse without an end between', async () => {
    const hook = channel();
    await hook.deliver(notice({ severity: 'warning' }), patient);
    await hook.deliver(resolved({ severity: 'warning', superseded: true }), patient);
    await hook.deliver(notice(), patient);
    await hook.deliver(resolved(), patient);
    expect(receiver.bodies.map(({ id, status, severity }) => [id, status, severity])).toEqual([
      ['web-01/SECRET_REVOKED/1', 'firing', 'warning'],
      ['web-01/SECRET_REVOKED/1', 'firing', 'critical'],
      ['web-01/SECRET_REVOKED/1', 'resolved', 'critical'],
    ]);
    expect(receiver.bodies.at(-1)).toMatchObject({ ended_at: '2026-01-01T12:00:00.000Z' });
  });

  it('signs time and body with the key in the file, as it is then', async () => {
    const hook = channel({ hmac_key_file: await site.file('key', 'first key\n') });
    await hook.deliver(notice(), patient);
    await site.file('key', 'second key');
    await hook.deliver(notice(), patient);
    const seconds = String(Date.UTC(2026, 0, 1, 12) / 1000);
    for (const [index, key] of ['first key', 'second key'].entries()) {
      const { headers, body } = receiver.received[index]!;
      expect(headers['x-tokenward-timestamp']).toBe(seconds);
      const expected = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
      expect(headers['x-tokenward-signature']).toBe(`v1=${expected}`);
    }
  });

  it('has its address from a file where that is a secret, and tells nobody', async () => {
    const hook = channel({ url: undefined, url_file: await site.file('url', `${receiver.url}/T0/secret\n`) });
    expect(hook.name).toBe(`webhook ${join(site.folder, 'url')}`);
    receiver.status = 403;
    const failure = await hook.deliver(notice(), patient).catch((error: unknown) => error);
    expect(receiver.received[0]?.path).toBe('/T0/secret');
    expect(String(failure)).toContain('answered 403');
    expect(String(failure)).not.toContain('T0');
  });
});

describe('a file with a secret that cannot be trusted', () => {
  it.each([
    [
      'is open to others',
      async () => site.file('key', 'k', 0o644),
      'has mode 0644, but must be 0600 or stricter',
    ],
    ['is missing', async () => join(site.folder, 'none'), 'is missing; make it with mode 0600'],
    ['is empty', async () => site.file('key', '\n'), 'is empty'],
    ['has several lines', async () => site.file('key', 'a\nb\n'), 'line break'],
    [
      'is a link',
      async () => {
        const link = join(site.folder, 'link');
        await symlink(await site.file('key', 'k'), link);
        return link;
      },
      'is a symbolic link',
    ],
  ])('because it %s keeps the notice back', async (_why, make, message) => {
    await expect(channel({ hmac_key_file: await make() }).deliver(notice(), patient)).rejects.toMatchObject({
      code: 'KEY_FILE_UNUSABLE',
      message: expect.stringContaining(message) as unknown,
    });
    expect(receiver.received).toEqual([]);
  });
});

describe('the format slack', () => {
  it('is text that people read, with what is Slack’s own escaped', async () => {
    const slack = channel({ format: 'slack', runbooks: 'https://wiki.example.com/r' });
    await slack.deliver(notice({ summary: 'a < b & c' }), patient);
    await slack.deliver(resolved({ severity: 'warning', superseded: true }), patient);
    await slack.deliver(resolved({ flapped: 1 }), patient);
    expect(receiver.bodies).toHaveLength(2);
    const [firing, end] = receiver.bodies;
    expect(firing).toMatchObject({
      text: `[CRITICAL] web-01 on ${host}: the server refuses the secret`,
      blocks: [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: expect.stringContaining('a &lt; b &amp; c') as unknown },
        },
        {
          type: 'context',
          elements: [
            {
              text: expect.stringContaining('<https://wiki.example.com/r#secret_revoked|runbook>') as unknown,
            },
          ],
        },
      ],
    });
    expect(end).toMatchObject({ text: expect.stringMatching(/^\[RESOLVED\] /) as unknown });
    expect(JSON.stringify(end)).toContain('flapped 1 time since it was last told');
  });

  it('is never longer than Slack takes', async () => {
    await channel({ format: 'slack' }).deliver(notice({ summary: 'x'.repeat(9_000) }), patient);
    const [{ blocks }] = receiver.bodies as unknown as [{ blocks: [{ text: { text: string } }] }];
    expect(blocks[0].text.text).toHaveLength(3_000);
  });
});

describe('the format pagerduty', () => {
  it('triggers and resolves one incident, whatever the severity becomes', async () => {
    const key = await site.file('key', 'R0UT1NG');
    const pager = channel({
      format: 'pagerduty',
      routing_key_file: key,
      runbooks: 'https://wiki.example.com/r',
    });
    await pager.deliver(notice({ severity: 'warning' }), patient);
    await pager.deliver(resolved({ severity: 'warning', superseded: true }), patient);
    await pager.deliver(notice({ summary: 'y'.repeat(2_000) }), patient);
    await pager.deliver(resolved(), patient);
    const dedup = `tokenward/${host}/web-01/SECRET_REVOKED/1`;
    expect(receiver.bodies).toMatchObject([
      {
        routing_key: 'R0UT1NG',
        event_action: 'trigger',
        dedup_key: dedup,
        payload: { source: host, severity: 'warning', component: 'web-01', class: 'SECRET_REVOKED' },
        links: [{ href: 'https://wiki.example.com/r#secret_revoked' }],
      },
      { event_action: 'trigger', dedup_key: dedup, payload: { severity: 'critical' } },
      { routing_key: 'R0UT1NG', event_action: 'resolve', dedup_key: dedup },
    ]);
    const [, worse] = receiver.bodies as unknown as { payload: { summary: string } }[];
    expect(worse!.payload.summary).toHaveLength(1_024);
  });
});

describe('names of channels', () => {
  it('tell them apart, without what may be a secret', async () => {
    const channels = site.channels([
      { log: {} },
      { alertmanager: { url: 'https://am.example.com/path' } },
      { webhook: { url: 'https://hooks.example.com/T0/secret' } },
      { webhook: { url: 'https://hooks.example.com/T1/secret' } },
      { webhook: { routing_key_file: '/k', format: 'pagerduty' } },
      { webhook: { url_file: '/etc/tokenward/slack.url', format: 'slack' } },
      { exec: ['/bin/page', '--password', 'x'] },
    ]);
    expect(channels.map(({ name }) => name)).toEqual([
      'alertmanager am.example.com',
      'webhook hooks.example.com',
      'webhook hooks.example.com #2',
      'pagerduty events.pagerduty.com',
      'slack /etc/tokenward/slack.url',
      'exec /bin/page',
    ]);
  });
});

describe('docs/alerts.md', () => {
  it('shows how to tell that a notice is ours and fresh', async () => {
    const page = await readFile(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
    const [, source = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    const path = await site.file('verify.mjs', source);
    const { isOurs } = (await import(path)) as {
      isOurs: (key: string, headers: object, body: string, nowSeconds: number) => boolean;
    };
    await channel({ hmac_key_file: await site.file('key', 'the key') }).deliver(notice(), patient);
    const { headers, body } = receiver.received[0]!;
    const sentAt = site.clock.now().wallMs / 1000;
    expect(isOurs('the key', headers, body, sentAt + 60)).toBe(true);
    expect(isOurs('another key', headers, body, sentAt)).toBe(false);
    expect(isOurs('the key', headers, `${body} `, sentAt)).toBe(false);
    expect(isOurs('the key', headers, body, sentAt + 301)).toBe(false);
    expect(isOurs('the key', { ...headers, 'x-tokenward-timestamp': String(sentAt + 1) }, body, sentAt)).toBe(
      false,
    );
    expect(isOurs('the key', {}, body, sentAt)).toBe(false);
  });
});
