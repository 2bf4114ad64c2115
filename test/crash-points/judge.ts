import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { AgentProcess } from './agent-process.ts';
import { bucketFlaw, endFlaw, foundName, becameName, startFlaw, type Fate } from './expectations.ts';
import { findingOf, type Finding } from './finding.ts';
import { clockAt, pastOf, type Host, type Remains } from './host.ts';
import type { Moment } from './record.ts';
import { RecordedServer } from './recorded-server.ts';
import { newestGeneration, tokenFileFlaw } from './remains.ts';
import type { Scenario } from './scenario.ts';

/**
 * One state after a crash, brought back to work: first with the server away, so that nothing but the disk can help, then
 * with the server there.
 */

export interface CrashState {
  readonly scenario: Scenario;
  /** The machine before the crash. */
  readonly host: Host;
  readonly moment: Moment;
  readonly remains: Remains;
  readonly power: boolean;
}

export interface Judgement {
  readonly policy: RotationPolicy;
  /** What the next start finds, with the server away. */
  readonly found: string;
  readonly finding: Finding;
  /** What becomes of it by itself, with the server back. */
  readonly became: string;
  /** What is wrong; null where nothing is. */
  readonly flaw: string | null;
}

/** One judgement for each policy that makes a difference. */
export async function judge(state: CrashState): Promise<readonly Judgement[]> {
  const { policies } = state.scenario;
  const isLost = fateOf(state, hostAfter(state, 'strict').server) === 'lost';
  const judgements: Judgement[] = [];
  for (const policy of isLost ? policies : policies.slice(0, 1))
    judgements.push(await judgeUnder(policy, state));
  return judgements;
}

/** Longer than an attempt lasts, the backoff after a few failures, and a bucket of one exchange takes to fill. */
const patienceMs = 4 * 60_000;

async function judgeUnder(policy: RotationPolicy, state: CrashState): Promise<Judgement> {
  const { scenario, remains } = state;
  const host = hostAfter(state, policy);
  const { server } = host;
  const fate = fateOf(state, server);
  const spentBefore = server.spentSecretUses;
  const flaws = [
    brokenPromise(state, fate),
    await tokenFileFlaw(remains, { tokens: server.tokens, mustBeThere: scenario.generation > 0 }),
  ];

  server.reachable = false;
  const process = new AgentProcess(host);
  await process.start();
  const found = foundName(process, scenario);
  const finding = findingOf(process, scenario, fate, remains);
  flaws.push(startFlaw(process, scenario, fate));

  server.reachable = true;
  await host.clock.elapse(patienceMs);
  const became = becameName(process, scenario);
  flaws.push(await endFlaw(process, { scenario, fate, policy, spentBefore }), bucketFlaw(host));
  return { policy, found, finding, became, flaw: flaws.find((flaw) => flaw !== null) ?? null };
}

/** The machine after the crash, apart from every other: its disk, its keychain, its clock, and the server's mind. */
function hostAfter({ host, moment, remains, power }: CrashState, policy: RotationPolicy): Host {
  const clock = clockAt(moment.stamp);
  if (power) clock.reboot(1_000);
  const server = new RecordedServer(clock, host.server.policy, host.server.calls.slice(0, moment.calls));
  server.change(policy);
  return {
    ...host,
    clock,
    server,
    disk: remains.disk.copy(),
    keychain: remains.keychain.clone(),
    past: pastOf(moment),
  };
}

function fateOf({ scenario, moment, remains }: CrashState, server: RecordedServer): Fate {
  const { generation } = scenario;
  if (server.granted === generation) return 'not granted';
  return newestGeneration(remains, generation, moment.past.answers) > generation ? 'saved' : 'lost';
}

/** What must not have happened, whatever the next start makes of it. */
function brokenPromise({ scenario, moment: { past }, power }: CrashState, fate: Fate): string | null {
  const early = past.published.find(
    ({ token, durable, committed }) => token.sequence > scenario.generation && durable && !committed,
  );
  if (early !== undefined) return `token ${early.token.sequence} went out before it was committed`;
  if (fate !== 'lost' || scenario.fails === true) return null;
  const mustBeHere = past.answer === 'durable' || (past.answer === 'written' && !power);
  return mustBeHere ? `the answer was ${past.answer}, and is lost` : null;
}
