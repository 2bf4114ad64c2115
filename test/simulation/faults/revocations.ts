import type { ProbeVerdict } from '../../../src/domain/probe.ts';
import type { FaultKind } from '../fault-kinds.ts';
import type { Fault } from '../fault.ts';
import type { Host } from '../host.ts';
import type { ProbeMishap } from '../probe-trouble.ts';
import { report, ship } from '../shippers.ts';
import type { Site } from '../site.ts';
import { count } from '../tally.ts';
import type { World } from '../world.ts';
import { restartLater } from './crashes.ts';

/** Tokens and credentials that die before their time, and those who say so, whether or not it is true. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

function someSite(host: Host): Site | undefined {
  return host.sites[host.random.below(host.sites.length)];
}

const rejected: ProbeVerdict = { kind: 'rejected', detail: 'the server answered 401' };
const forbidden: ProbeVerdict = { kind: 'forbidden', detail: 'the server answered 403' };
const failing: ProbeVerdict = { kind: 'unknown', code: 'SERVER_TROUBLE', detail: 'the server answered 503' };

/** Mostly shippers find out, sooner or later, or an operator says so; else a probe, a restart or nobody. */
function noticed(host: Host, world: World): void {
  for (const site of world.sites) {
    const how = host.random.below(8);
    if (how === 0) world.truth.after(host.random.below(minute), () => report(site, true));
    else if (how < 6) ship(site, host.random.pick([20 * second, 2 * minute, 10 * minute]), hour);
  }
}

/** All tokens of all agents of this server. */
function revokeTokens(host: Host, world: World): boolean {
  if (world.story.product.kind !== 'minting') return false;
  world.server.revokeTokens();
  world.trace.add('server', 'revokes all tokens');
  noticed(host, world);
  return true;
}

/** What the product can revoke, so that the token works no more; of a secret that rotates nothing does that. */
function killToken(host: Host, site: Site): void {
  const { server, story, trace } = host.world;
  if (story.product.kind === 'minting') server.revokeTokens();
  else if (story.product.kind === 'as-is') server.registry.revoke(site.serverName);
  else return;
  trace.add('server', 'ends the token', { agent: site.serverName });
}

/** Fresh tokens are rejected like the old ones, until somebody grants the permission. */
function missPermission(host: Host, world: World): boolean {
  if (world.denial !== null) return false;
  world.denial = host.random.pick([rejected, forbidden]);
  const forMs = 10 * minute + host.random.below(host.random.pick([20 * minute, 20 * minute, 4 * hour]));
  world.trace.add('server', 'lets no token in', { verdict: world.denial.kind });
  for (const site of world.sites) ship(site, host.random.pick([minute, 4 * minute]), forMs);
  world.truth.after(forMs, () => {
    world.denial = null;
    world.trace.add('server', 'lets tokens in again');
  });
  return true;
}

function repeated(site: Site, times: number, pauseMs: number): void {
  const { world } = site.host;
  if (times === 0 || world.calm) return;
  report(site);
  world.truth.after(pauseMs, () => repeated(site, times - 1, pauseMs));
}

function flood(host: Host): boolean {
  return host.sites.flatMap((site) => Array.from({ length: 20 }, () => report(site))).includes(true);
}

/** Whoever has an old token is answered with the newest. */
function reportOld(host: Host): boolean {
  const site = someSite(host);
  const run = site === undefined || host.clock.asleep ? null : host.runOf(site);
  const old = site?.flights.findLast(
    ({ granted }) => granted !== null && granted.token !== run?.broker.token()?.fingerprint,
  );
  if (run === null || old?.granted == null) return false;
  count(host.world.tally.tokens, 'false report');
  run.broker.report({ fingerprint: old.granted.token, certain: false });
  return true;
}

function probes(mishap: ProbeMishap, once = false): Fault {
  return (host) => {
    if (host.sites[0]?.settings.probeEveryMs == null) return false;
    const now = { mishap, times: once ? 1 : Number.POSITIVE_INFINITY };
    host.probeTrouble = now;
    host.note('probes meet trouble', { mishap: mishap === 'silent' ? mishap : mishap.kind, once });
    host.world.truth.after(host.random.below(host.random.pick([2 * hour, 8 * hour])), () => {
      if (host.probeTrouble?.mishap === mishap) host.probeTrouble = null;
    });
    // Somebody gives a reason to look while it lasts.
    if (host.random.below(2) === 0) for (const site of host.sites) report(site);
    return true;
  };
}

/** The token may really be dead; then the host comes to grief in the middle of what follows from the report. */
function afterReport(host: Host, deed: () => void): boolean {
  const site = someSite(host);
  if (site === undefined || host.clock.asleep) return false;
  if (host.random.below(3) > 0) killToken(host, site);
  deed();
  return report(site, host.random.below(3) === 0);
}

function dyingAfterReport(how: 'kill' | 'power-cut'): Fault {
  return (host) => {
    const [daemon] = host.daemons;
    if (daemon === undefined || host.clock.asleep) return false;
    return afterReport(host, () => {
      daemon.life.endAfter(1 + host.random.below(30));
      host.onDeath = (dead) => {
        if (how === 'power-cut') host.powerCut();
        else host.kill(dead);
        restartLater(host);
      };
    });
  };
}

function fullDisk(host: Host): boolean {
  return afterReport(host, () => {
    const trouble = { kind: 'full' } as const;
    host.note('disk', trouble);
    host.setTrouble(trouble);
    host.world.truth.after(20 * second + host.random.below(20 * minute), () => {
      if (host.trouble === trouble) host.setTrouble(null);
    });
  });
}

function drop(site: Site, text: string): boolean {
  site.secretFile = text;
  site.host.note('a secret is dropped', { agent: site.settings.agent });
  if (!site.host.clock.asleep) site.host.runOf(site)?.lookIntoFile();
  return true;
}

function dropSecret(host: Host): boolean {
  const site = someSite(host);
  if (site === undefined) return false;
  const { registry } = host.world.server;
  registry.revoke(site.serverName);
  return drop(site, host.world.server.create(site.serverName));
}

/** The file is touched, or the daemon starts anew with it. */
function dropAgain(host: Host): boolean {
  const site = host.sites.find(({ secretFile }) => secretFile !== null);
  const [daemon] = host.daemons;
  if (site === undefined || daemon === undefined || host.clock.asleep) return false;
  if (host.random.below(2) === 0) host.runOf(site)?.lookIntoFile();
  else {
    host.kill(daemon);
    restartLater(host);
  }
  return true;
}

export const revocations = {
  'tokens-revoked': revokeTokens,
  'tokens-and-secret-revoked': (host, world) => {
    const site = someSite(host);
    if (site === undefined || !revokeTokens(host, world)) return false;
    return world.server.registry.revoke(site.serverName) !== null;
  },
  'permission-missing': missPermission,
  'false-report': (host) => host.sites.map((site) => report(site)).includes(true),
  'false-reports-for-hours': (host) => {
    for (const site of host.sites) repeated(site, 20, host.random.pick([second, minute, 5 * minute]));
    return true;
  },
  'flood-of-reports': flood,
  'old-token-reported': reportOld,
  'certain-report': (host) => host.sites.map((site) => report(site, true)).includes(true),
  'probe-rejected-once': probes(rejected, true),
  'probe-lies': probes(rejected),
  'probe-forbidden': probes(forbidden),
  'probe-fails': probes(failing),
  'probe-silent': probes('silent'),
  'kill-after-report': dyingAfterReport('kill'),
  'power-cut-after-report': dyingAfterReport('power-cut'),
  'disk-full-after-report': fullDisk,
  'secret-file-dropped': dropSecret,
  'secret-file-again': dropAgain,
  'wrong-secret-file': (host) => {
    const site = someSite(host);
    return site !== undefined && drop(site, `a wrong secret, ${host.random.uuid()}`);
  },
} as const satisfies Partial<Record<FaultKind, Fault>>;
