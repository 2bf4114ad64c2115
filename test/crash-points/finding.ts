import type { AgentProcess } from './agent-process.ts';
import { foundName, type Fate } from './expectations.ts';
import type { Remains } from './host.ts';
import { isCommitted, newestGeneration } from './remains.ts';
import type { Scenario } from './scenario.ts';

/** How far a crash let a rotation come, as the next start finds it: what is drawn in `docs/pictures/`. */

/** In the order in which a rotation comes by them. */
export const findings = ['as-before', 'candidate', 'unsent', 'lost', 'answer', 'secret', 'complete'] as const;
export type Finding = (typeof findings)[number];

/** By a process that has started after the crash, with the server away. */
export function findingOf(process: AgentProcess, scenario: Scenario, fate: Fate, remains: Remains): Finding {
  if (fate === 'lost') return 'lost';
  if (fate === 'saved') return savedFinding(remains, scenario.generation + 1);
  const found = foundName(process, scenario);
  if (found.includes('in doubt')) return 'unsent';
  return found.includes('with a new secret') ? 'candidate' : 'as-before';
}

function savedFinding(remains: Remains, generation: number): Finding {
  const secretIsThere = newestGeneration(remains, generation - 1, []) === generation;
  if (!secretIsThere) return 'answer';
  return isCommitted(remains, { generation }) ? 'complete' : 'secret';
}
