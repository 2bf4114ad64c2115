import type { AgentSettings } from '../../src/domain/agent-state.ts';
import { AgentWorld } from '../fakes/agent-world.ts';

/** Agents whose tokens can die before their time, and what shippers and people say and see of that. */

export const minute = 60_000;
export const hour = 60 * minute;

/** Tokens can be revoked, the secret that mints them stays. */
export const minting: Partial<AgentSettings> = { rotates: false, tokensRevocable: true };
export const mintingWithProbe: Partial<AgentSettings> = { ...minting, probeEveryMs: 5 * minute };

export function begun(settings: Partial<AgentSettings>): Promise<AgentWorld> {
  return AgentWorld.begun({ policy: 'reusable', settings });
}

/** A shipper says that it was refused with the token that is served now, or with another one. */
export function report(world: AgentWorld, fingerprint = world.broker.token()?.fingerprint, certain = false) {
  if (fingerprint === undefined) throw new Error('there is no token to report');
  return world.broker.report({ fingerprint, certain });
}

/** Of the alerts that stand, with their severities. */
export function codes(world: AgentWorld): readonly string[] {
  return world.alerts.map(({ code, severity }) => `${code} ${severity}`);
}
