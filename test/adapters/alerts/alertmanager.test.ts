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

const channel = (keys: object = {}) => site.channel({ alertmanager: { url: `${receiver.url}/am`, ...keys } });

describe('the alertmanager channel', () => {
  it('posts an alert that lives on for some minutes while it fires', async () => {
    await channel().deliver(notice({ flapped: 12 }), patient);
    const [{ method, path, headers }] = receiver.received as [(typeof receiver.received)[0]];
    expect([method, path, headers['content-type']]).toEqual([
      'POST',
      '/am/api/v2/alerts',
      'application/json',
    ]);
    expect(receiver.bodies).toEqual([
      [
        {
          labels: {
            alertname: 'SECRET_REVOKED',
            job: 'tokenward',
            host,
            agent: 'web-01',
            code: 'SECRET_REVOKED',
            severity: 'critical',
          },
          annotations: {
            summary: `web-01 on ${host}: the server refuses the secret`,
            description:
              'the server refuses the secret of web-01; run `tokenward enroll web-01` (flapped 12 times since it was last told)',
            meaning: expect.stringContaining('revoked') as unknown,
            runbook_url: 'docs/runbooks.md#secret_revoked',
          },
          startsAt: '2026-01-01T11:59:00.000Z',
          endsAt: '2026-01-01T12:04:00.000Z',
          generatorURL: `tokenward://${host}/v1/agents/web-01`,
        },
      ],
    ]);
  });

  it('ends it when it is resolved, by the same labels', async () => {
    await channel().deliver(notice(), patient);
    await channel().deliver(resolved(), patient);
    const [[firing], [end]] = receiver.bodies as unknown as [
      [Record<string, unknown>],
      [Record<string, unknown>],
    ];
    expect(end['labels']).toEqual(firing['labels']);
    expect(end['endsAt']).toBe('2026-01-01T12:00:00.000Z');
  });

  it('never says that an alert began after its end, which Alertmanager refuses', async () => {
    await channel().deliver(resolved({ since: '2026-01-01T12:00:00.500Z' }), patient);
    await channel().deliver(notice({ since: '2026-01-01T13:00:00.000Z' }), patient);
    expect(receiver.bodies).toMatchObject([
      [{ startsAt: '2026-01-01T12:00:00.000Z', endsAt: '2026-01-01T12:00:00.000Z' }],
      [{ startsAt: '2026-01-01T12:04:00.000Z', endsAt: '2026-01-01T12:04:00.000Z' }],
    ]);
  });

  it('resolves the milder one where an alert becomes worse, as Alertmanager tells them apart', async () => {
    await channel().deliver(resolved({ severity: 'warning', superseded: true }), patient);
    await channel().deliver(notice({ severity: 'critical' }), patient);
    expect(receiver.bodies).toMatchObject([
      [{ labels: { severity: 'warning' }, endsAt: '2026-01-01T12:00:00.000Z' }],
      [{ labels: { severity: 'critical' } }],
    ]);
  });

  it('tells again of all that stands in one request', async () => {
    const { repeat } = channel();
    expect(repeat?.everyMs).toBe(60_000);
    await repeat?.deliver([notice(), notice({ code: 'FILE_TAMPERED', ordinal: 2, agent: null })], patient);
    expect(receiver.bodies).toHaveLength(1);
    const [, second] = receiver.bodies[0] as unknown as [unknown, { labels: object }];
    expect(second.labels).toMatchObject({ ordinal: '2' });
    expect(second.labels).not.toHaveProperty('agent');
  });

  it('links to where the runbooks can be read', async () => {
    await channel({ runbooks: 'https://wiki.example.com/r' }).deliver(notice(), patient);
    const link = 'https://wiki.example.com/r#secret_revoked';
    expect(receiver.bodies).toMatchObject([[{ generatorURL: link, annotations: { runbook_url: link } }]]);
  });

  it('says who it is, by password or token from a file', async () => {
    const password = await site.file('password', 'open sesame\n');
    const token = await site.file('token', 'a-token');
    await channel({ username: 'us', password_file: password }).deliver(notice(), patient);
    await channel({ bearer_token_file: token }).deliver(notice(), patient);
    expect(receiver.received.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('us:open sesame').toString('base64')}`,
      'Bearer a-token',
    ]);
  });
});

describe('a receiver that does not take it', () => {
  it.each([
    [401, 'SERVER_REFUSED', 'answered 401; see to the url and to the key or password that it wants'],
    [404, 'SERVER_REFUSED', 'answered 404'],
    [302, 'SERVER_MISCONFIGURED', 'answered 302, and redirects are not followed; correct the url'],
    [503, 'SERVER_TROUBLE', 'answered 503; look at it there'],
    [null, 'SERVER_TROUBLE', 'did not answer (reset); it may or may not have the notice'],
  ])('with %s is a failure: %s', async (status, code, message) => {
    receiver.status = status;
    receiver.headers = { location: 'http://127.0.0.1:9/' };
    await expect(channel().deliver(notice(), patient)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as unknown,
    });
    expect(receiver.received).toHaveLength(1);
  });

  it('and asks for patience says for how long', async () => {
    receiver.status = 429;
    receiver.headers = { 'retry-after': '7' };
    await expect(channel().deliver(notice(), patient)).rejects.toMatchObject({
      code: 'SERVER_RATE_LIMITED',
      retryAfterMs: 7_000,
    });
  });

  it('because nobody listens is a failure', async () => {
    const gone = channel();
    await receiver[Symbol.asyncDispose]();
    const unreachable = { code: 'SERVER_UNREACHABLE' };
    await expect(gone.deliver(notice(), patient)).rejects.toMatchObject(unreachable);
    receiver = await AlertReceiver.listening();
  });
});
