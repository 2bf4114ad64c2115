import { expect } from 'vitest';
import type {
  RecoveryActionName,
  RecoveryRequest,
  RecoveryResult,
} from '../../src/domain/recovery-report.ts';
import { AgentWorld, folderOf, type WorldOptions } from '../fakes/agent-world.ts';

/** Worlds in which `tokenward recover` is at work: how agents get stuck, are recovered in spite of crashes, and end. */

export const sealed = (name: string) => `${folderOf()}/${name}.sealed`;

/** An agent of generation 2 whose process is gone, with something done to it before the next one starts. */
export async function damaged(
  damage: (world: AgentWorld) => Promise<void> | void,
  options: WorldOptions = {},
): Promise<{ readonly world: AgentWorld }> {
  const world = await AgentWorld.begun(options);
  await world.refresh();
  world.kill();
  await damage(world);
  await world.start();
  return { world };
}

export async function recover(
  world: AgentWorld,
  request: Partial<RecoveryRequest> = {},
): Promise<RecoveryResult> {
  const result = world.broker.recover({ action: null, matter: null, dryRun: false, ...request });
  result.catch(() => {});
  await world.clock.elapse(0);
  return result;
}

export function flip(world: AgentWorld, name: string): void {
  const bytes = world.disk.files().get(sealed(name)) ?? new Uint8Array();
  const middle = bytes.length >> 1;
  world.disk.seed(sealed(name), Uint8Array.from(bytes).with(middle, (bytes[middle] ?? 0) ^ 1));
}

/** The daemon serves, exchanges, and nothing stands against it. */
export async function works(world: AgentWorld): Promise<void> {
  expect(await world.refresh()).toBeNull();
  expect(world.broker.status()).toMatchObject({ state: 'active', secret: { status: 'held' }, alerts: [] });
}

/** The server does not take the secret, and the agent knows that it may be lost, not that it was revoked. */
export async function isLost(world: AgentWorld): Promise<void> {
  await world.refresh();
  await world.clock.elapse(10 * 60_000);
  const { state, alerts } = world.broker.status();
  expect(state).toBe('lost');
  expect(alerts.map(({ code }) => code)).toContain('SECRET_LOST_IN_FLIGHT');
}

/** Nothing is left, and a new secret is taken. */
export async function canBeEnrolled(world: AgentWorld): Promise<void> {
  if (world.broker.status().secret.status === 'absent') {
    await world.handOver(world.server.create(`new-${world.random.uuid()}`));
    await world.clock.elapse(1);
  }
  await works(world);
}

/**
 * Does the action without a daemon, in a process that dies after its nth change of the disk, for every n; and then what an
 * operator does: recovers again where the agent is still stuck, and starts the daemon.
 */
export async function crashAnywhere(
  make: () => Promise<AgentWorld>,
  action: RecoveryActionName,
  ends: (world: AgentWorld) => Promise<void>,
): Promise<void> {
  for (let changes = 1; ; changes += 1) {
    const world = await make();
    const { settings } = world;
    world.settings = { ...settings, exchanges: false };
    await world.restart();
    world.life.endAfter(changes);
    world.broker.recover({ action, matter: null, dryRun: false }).catch(() => {});
    await world.clock.elapse(0);
    if (world.life.alive) {
      expect(changes, 'it changed something').toBeGreaterThan(1);
      return;
    }
    // in turn what a kill leaves behind, and what a power cut does
    if (changes % 2 === 0) world.powerCut();
    await world.restart();
    await finishRecovery(world, action);
    world.settings = settings;
    await world.restart();
    await world.clock.elapse(60_000);
    await ends(world);
  }
}

/** At most as often as an operator would try. */
async function finishRecovery(world: AgentWorld, action: RecoveryActionName): Promise<void> {
  for (let left = 3; left > 0; left -= 1) {
    const { report } = await recover(world, { dryRun: true });
    const again = report.actions.find(({ name }) => name === action)?.name ?? report.recommended;
    if (report.remedy === 'none-needed' || again === null || report.matter?.code === 'SECRET_ABSENT') return;
    await recover(world, { action: again });
  }
}

/** Puts a secret of another state folder, and of another server, with the same key into the store. */
export async function withForeignSecret(world: AgentWorld): Promise<void> {
  const disk = world.disk.crash(() => 0);
  for (const name of ['journal', 'session', 'secret']) await disk.remove(sealed(name));
  const stranger = await AgentWorld.begun({ seed: 9, disk });
  world.disk.seed(sealed('secret'), stranger.disk.files().get(sealed('secret')));
}

/** The history forks: the same generation with another secret, as after a restored backup. */
export async function forked(options: WorldOptions): Promise<AgentWorld> {
  const world = await AgentWorld.begun({ policy: 'reusable', ...options });
  world.kill();
  const backup = world.disk.crash(() => 0);
  await world.start();
  await world.refresh();
  const other = world.disk.files().get(sealed('secret'));
  world.kill();
  for (const name of ['journal', 'secret', 'session'])
    world.disk.seed(sealed(name), backup.files().get(sealed(name)));
  await world.start();
  await world.refresh();
  world.kill();
  world.disk.seed(sealed('secret'), other);
  await world.start();
  return world;
}

/** Its last answer was of another form, or cut off after the new secret. */
export async function strangeAnswer(options: WorldOptions = {}): Promise<AgentWorld> {
  const world = await AgentWorld.begun(options);
  world.server.reform = (body) => {
    const { access_token: token, new_secret: secret } = JSON.parse(body) as Record<string, string>;
    return JSON.stringify({ data: [{ accessToken: token, credentials: { newSecret: secret } }] });
  };
  await world.refresh();
  world.server.reform = null;
  return world;
}

/** The server refuses what was adopted, and takes the secret that the journal knew. */
export async function worksWithPrevious(world: AgentWorld): Promise<void> {
  await world.refresh();
  await world.clock.elapse(15 * 60_000);
  await works(world);
}
