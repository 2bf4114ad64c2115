import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describePart } from '../../support/parts.ts';
import type { Use } from './recipe-trial.ts';
import { ShipperSite, SteadyRate } from './shipper-site.ts';
import { Prometheus, startCurl, startNginx, startSyslogNg } from './shippers.ts';

/** All recipes at one time and against one daemon, because it takes its time: Prometheus scrapes once a second. */

const rotations = 20;
const restartAfter = 10;

/** A superseded token dies a second later: whoever goes on with it is refused, and has to send again. */
const quickly = { supersededMs: 1_000 };

/** For those who do not send again: a busy machine may need a while until they can know the next token. */
const soon = { supersededMs: 4_000 };

const faster = { 'follow-freq(1)': 'follow-freq(0.1)', 'batch-timeout(1000)': 'batch-timeout(100)' };
const everySecond = { 'scrape_interval: 15s': 'scrape_interval: 1s' };

/**
 * For a client that keeps its token until ten seconds before its end: six seconds in which it asks for none. A rotation ends none of
 * its tokens, as with the real server.
 */
const short = { maxMs: 16_000 };

/** Eight seconds more, in which it can do without the daemon. */
const longer = { maxMs: 24_000 };

const uses: readonly Use[] = [
  { agent: 'curl', recipe: 'curl', section: 'A loop that loses nothing', life: quickly },
  { agent: 'syslog-ng-file', recipe: 'syslog-ng', section: 'The token file', instead: faster, life: quickly },
  // nginx compares certificates with names only
  {
    agent: 'nginx-file',
    recipe: 'nginx',
    section: 'The token file, and a reload',
    host: 'localhost',
    life: quickly,
  },
  { agent: 'syslog-ng-proxy', recipe: 'syslog-ng', section: 'The proxy', instead: faster, life: quickly },
  {
    agent: 'nginx-proxy',
    recipe: 'nginx',
    section: "The proxy's Unix socket",
    instead: { 'www-data': userInfo().username },
    life: quickly,
  },
  {
    agent: 'prometheus-file',
    recipe: 'prometheus',
    section: 'The token file',
    instead: everySecond,
    life: soon,
  },
  {
    agent: 'prometheus-oauth',
    recipe: 'prometheus',
    section: 'OAuth 2.0',
    instead: everySecond,
    life: short,
  },
];

/** Those that notice by themselves when the server has revoked their token. */
const noticing = ['curl', 'syslog-ng-proxy', 'nginx-proxy'];

const needed = [
  'curl',
  'nginx-light',
  'prometheus',
  'syslog-ng-core',
  'syslog-ng-mod-http',
  'syslog-ng-mod-python',
] as const;

describePart(needed, 'shippers that run by their recipes', () => {
  it(`lose nothing in ${rotations} rotations, a restart of the daemon and a revocation`, async () => {
    await using site = await ShipperSite.create(uses);
    const { emulator } = site.installation;
    await using curl = await startCurl(site.trial('curl'));
    await using syslogNgFile = await startSyslogNg(site.trial('syslog-ng-file'));
    await using syslogNgProxy = await startSyslogNg(site.trial('syslog-ng-proxy'));
    await using nginxFile = await startNginx(site.trial('nginx-file'));
    await using nginxProxy = await startNginx(site.trial('nginx-proxy'));
    await using prometheusFile = await Prometheus.start(site.trial('prometheus-file'));
    await using prometheusOAuth = await Prometheus.start(site.trial('prometheus-oauth'));
    const shippers = [curl, syslogNgFile, syslogNgProxy, nginxFile, nginxProxy];
    const followers = [...shippers, prometheusFile].map(({ agent }) => agent);

    using rate = new SteadyRate(shippers);
    await site.follow(followers, 1);
    for (let rotation = 1; rotation <= rotations; rotation += 1) {
      expect(await site.rotate()).toBe(rotation + 1);
      await site.follow(followers, rotation + 1);
      if (rotation === restartAfter) {
        // who asks for a token while it restarts finds nobody
        emulator.setTokenLife(prometheusOAuth.agent, longer);
        await site.installation.client.refresh(prometheusOAuth.agent);
        await site.another(prometheusOAuth.agent);
        await site.restart();
        emulator.setTokenLife(prometheusOAuth.agent, short);
      }
    }
    for (const name of noticing) expect(emulator.revokeTokens({ name })).toBeGreaterThan(0);
    await site.follow(noticing, rotations + 2);
    const sent = await rate.stop();

    await eventually(
      () => {
        const delivered = shippers.map(({ agent }) => [agent, site.report(agent).distinct] as const);
        expect(new Map(delivered)).toEqual(sent);
      },
      { withinMs: 20_000 },
    );
    // and nothing twice
    for (const [agent, accepted] of sent) expect(site.report(agent)).toMatchObject({ accepted });
    expect([...nginxProxy.statuses].filter((status) => ![200, 503].includes(status))).toEqual([]);
    expect(site.report(prometheusOAuth.agent).tokens).toBeGreaterThan(2);
    for (const prometheus of [prometheusFile, prometheusOAuth]) {
      expect(await prometheus.query('min(min_over_time(up[1h]))')).toBe(1);
      expect(await prometheus.query('sum(count_over_time(up[1h]))')).toBeGreaterThan(rotations / 2);
    }
  });
});
