import type { AgentEvent } from '../../src/domain/agent-event.ts';
import type { AgentState, Phase } from '../../src/domain/agent-state.ts';
import { transition } from '../../src/domain/transition.ts';
import { eachEvent, eachPhase } from '../../test/unit/domain/each-phase.ts';
import { granted, moment, outcomes, settings, state } from '../../test/unit/domain/fixtures.ts';

/** The phases of an agent as a diagram: each arrow is a step that `transition` was seen to take. */

type PhaseName = Phase['name'];

/** At rest, and with an attempt that is due. */
const agents: readonly Partial<AgentState>[] = [{}, { token: null }];

const moved = { ...settings, origin: 'https://elsewhere.example.com' };

/** More than one event of a kind, where they lead to different phases. */
const variants: readonly AgentEvent[] = [
  ...Object.values(eachEvent),
  { type: 'reconfigured', request: 's', settings: moved },
  { type: 'answered', answer: { kind: 'unanswered', reason: 'reset' } },
  ...[granted(null), ...Object.values(outcomes)].map(
    (outcome) => ({ type: 'interpreted', outcome }) as const,
  ),
];

/** For Mermaid. */
export function phaseDiagram(): string {
  const arrows = new Map<string, Set<AgentEvent['type']>>();
  for (const from of Object.keys(eachPhase) as PhaseName[]) {
    for (const event of variants) {
      for (const to of destinations(from, event)) {
        const arrow = `${idOf(from)} --> ${idOf(to)}`;
        arrows.set(arrow, (arrows.get(arrow) ?? new Set()).add(event.type));
      }
    }
  }
  const lines = Array.from(arrows, ([arrow, events]) => `  ${arrow}: ${[...events].join(', ')}`);
  const names = (Object.keys(eachPhase) as PhaseName[])
    .filter((name) => idOf(name) !== name)
    .map((name) => `  state "${name}" as ${idOf(name)}`);
  return ['stateDiagram-v2', ...names, '  [*] --> opening', ...lines, '  stopped --> [*]'].join('\n');
}

/** Where an attempt is only planned, it matters whether one is due; elsewhere a due one would follow at once, and hide the rest. */
const planning: readonly PhaseName[] = ['waiting', 'preparing'];

/** Other phases that the event leads to. */
function destinations(from: PhaseName, event: AgentEvent): readonly PhaseName[] {
  const seen = planning.includes(from) ? agents : agents.slice(0, 1);
  return seen
    .map((agent) => transition(state({ ...agent, phase: eachPhase[from] }), event, moment()).state.phase.name)
    .filter((to) => to !== from);
}

function idOf(phase: PhaseName): string {
  return phase.replaceAll('-', '_');
}
