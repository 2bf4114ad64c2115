import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import type { AgentProcess } from './agent-process.ts';
import { agent, tokenFile, type Host } from './host.ts';
import { leftovers, tokenLeftovers } from './remains.ts';
import { strictPolicies, type Scenario } from './scenario.ts';

/** What must be true of a process that starts after a crash. Each check answers with what is wrong, or null. */

/** What became of the exchange: the server granted it or not, and what it granted is on this host or not. */
export type Fate = 'not granted' | 'saved' | 'lost';

export interface Case {
  readonly scenario: Scenario;
  readonly fate: Fate;
  readonly policy: RotationPolicy;
  /** How often the server had seen a spent secret before the crash. */
  readonly spentBefore: number;
}

/** Alerts that may stand after a crash; every other one means that a person is needed where none should be. */
const harmless = new Set(['IN_DOUBT', 'SERVER_UNREACHABLE', 'HANDOVER_REFUSED', 'SECRET_LOST_IN_FLIGHT']);

/** Of the next start, with the server away. */
export function startFlaw(process: AgentProcess, scenario: Scenario, fate: Fate): string | null {
  const { state, secret } = process.broker.status();
  const alarming = process.alerts.find(({ code }) => !harmless.has(code));
  if (alarming !== undefined) return `${alarming.code}: ${alarming.summary}`;
  const expected = scenario.generation + (fate === 'saved' ? 1 : 0);
  if (secret.generation !== expected) return `generation ${secret.generation} instead of ${expected}`;
  if (fate === 'saved' && state !== 'active') return `the answer was saved, but the next start is ${state}`;
  const isTold =
    stands(process, 'IN_DOUBT') ||
    stands(process, 'SECRET_LOST_IN_FLIGHT') ||
    stands(process, 'HANDOVER_REFUSED');
  if (fate === 'lost' && !isTold) return 'an answer is lost, and nobody is told';
  if (state === 'unprovisioned' && process.host.past.acknowledged > 0)
    return 'the secret was acknowledged, and is gone';
  return servedFlaw(process);
}

/** What was handed out once is handed out again, or a newer token; in the token file too. */
function servedFlaw({ broker, host }: AgentProcess): string | null {
  const served = broker.token();
  const newest = host.past.published.findLast(({ durable }) => durable)?.token;
  if (newest !== undefined) {
    if (served === null || served.sequence < newest.sequence)
      return `token ${newest.sequence} was out before the crash, now it is ${served?.sequence ?? 'none'}`;
    if (served.sequence === newest.sequence && served.fingerprint !== newest.fingerprint)
      return `token ${newest.sequence} is another one than before the crash`;
  }
  if (served === null) return null;
  if (String(host.disk.files().get(tokenFile.path)) !== served.text.reveal())
    return 'the token file is not the token that is served';
  const [left] = tokenLeftovers(host);
  return left === undefined ? null : `${left} is left`;
}

/** Of what it came to by itself, with the server back; then it is made to rotate, which proves the secret. */
export async function endFlaw(process: AgentProcess, found: Case): Promise<string | null> {
  const { scenario, fate, policy, spentBefore } = found;
  const { server } = process.host;
  const { state, secret } = process.broker.status();
  if (stands(process, 'SECRET_REVOKED')) return 'SECRET_REVOKED stands';
  const isDead = fate === 'lost' && strictPolicies.includes(policy);
  if (isDead && scenario.atStake !== 'candidate') return lostFlaw(process);
  if (!isDead && server.spentSecretUses > spentBefore) return 'a spent secret was sent';
  if (state === 'unprovisioned') return handedOverAgain(process);
  if (state !== 'active') return `it comes to be ${state}`;
  const mustHave = isDead || !mustAdvance(process, found) ? scenario.generation : scenario.generation + 1;
  if (secret.generation < mustHave) return `it stays at generation ${secret.generation}`;
  return rotationFlaw(process);
}

function mustAdvance({ host }: AgentProcess, { scenario, fate }: Case): boolean {
  if (fate !== 'not granted') return true;
  return (
    scenario.atStake !== 'current' &&
    scenario.refused !== true &&
    host.past.acknowledged > scenario.generation
  );
}

/** The secret is gone with the answer: it is called by its name, the token is served on, and a new secret mends it. */
async function lostFlaw(process: AgentProcess): Promise<string | null> {
  const { broker, host } = process;
  const { state, token } = broker.status();
  if (state !== 'lost' || !stands(process, 'SECRET_LOST_IN_FLIGHT'))
    return `the secret is gone, and it is called ${state}`;
  if (host.past.published.length > 0 && token.status !== 'valid') return 'the valid token is not served';
  await process.handOver(host.server.create(`${agent}-mended`));
  return broker.status().state === 'active' ? rotationFlaw(process) : 'a new secret does not mend it';
}

/** Nothing was acknowledged, so whoever has the secret still has it, and tries again. */
async function handedOverAgain(process: AgentProcess): Promise<string | null> {
  await process.handOver(process.host.server.create(`${agent}-mended`));
  const { state } = process.broker.status();
  return state === 'active' ? rotationFlaw(process) : `after another hand-over it is ${state}`;
}

/** The secret works, and nothing is left behind. */
async function rotationFlaw(process: AgentProcess): Promise<string | null> {
  const { broker, host } = process;
  const { generation } = broker.status().secret;
  await host.clock.elapse(bucketFullMs);
  await process.refresh();
  const after = broker.status();
  if (after.state !== 'active' || after.secret.generation !== generation + 1)
    return `a rotation ends as ${after.state} at generation ${after.secret.generation} after ${generation}`;
  const [left] = leftovers(host);
  return left === undefined ? servedFlaw(process) : `${left} is left`;
}

const bucketFullMs = 60_000;

/** Never more exchanges than a bucket of this size lets through, over crashes too. */
export function bucketFlaw({
  server: { arrivals },
  past,
  settings: { maxExchangesPerMinute },
}: Host): string | null {
  for (const [first, from] of arrivals.entries()) {
    for (const [last, to] of arrivals.entries()) {
      const wasFilled = past.refills.some((at) => at >= from && at <= to);
      const allowed = maxExchangesPerMinute * (1 + (to - from) / 60_000);
      if (last > first && !wasFilled && last - first + 1 > allowed)
        return `${last - first + 1} exchanges within ${to - from} ms`;
    }
  }
  return null;
}

/** The state that a start finds, by name. */
export function foundName(process: AgentProcess, { generation }: Scenario): string {
  const { state, secret } = process.broker.status();
  if (state === 'unprovisioned') return 'no secret yet';
  if (state === 'lost') return 'lost in flight';
  const which = secret.generation === generation ? 'g' : `g+${secret.generation - generation}`;
  const waiting = secret.status === 'pending' ? ' with a new secret' : '';
  const doubt = stands(process, 'IN_DOUBT') ? ' in doubt' : '';
  const other = ['held', 'pending', 'in_doubt'].includes(secret.status) ? '' : ` ${secret.status}`;
  return `${which}${waiting}${doubt}${other}`;
}

/** The state that it comes to, by name. */
export function becameName(process: AgentProcess, { generation }: Scenario): string {
  const { state, secret } = process.broker.status();
  if (state !== 'active') return state;
  return secret.generation === generation ? 'active at g' : `active at g+${secret.generation - generation}`;
}

function stands({ alerts }: AgentProcess, code: string): boolean {
  return alerts.some((alert) => alert.code === code);
}
