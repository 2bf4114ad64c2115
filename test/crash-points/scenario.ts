import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import type { AgentProcess } from './agent-process.ts';
import type { HostOptions } from './host.ts';

/** What is done while every step is recorded, and what is at stake in it. */
export interface Scenario {
  readonly name: string;
  readonly host: HostOptions;
  /** Generation of the agent's secret when the recording begins; 0 = it has none. */
  readonly generation: 0 | 1;
  /** Which secret is spent: the one in use, or one that is handed over, beside another or as the first. */
  readonly atStake: 'current' | 'candidate' | 'first';
  /** Whether the server refuses what is handed over. */
  readonly refused?: true;
  /** Whether the disk or the keychain fails in it; then an answer may take longer to become durable. */
  readonly fails?: true;
  /** What the server does with a secret whose answer was lost: each state is finished under every one of these. */
  readonly policies: readonly RotationPolicy[];
  /** What the process does before the recording begins. */
  readonly prepare: (process: AgentProcess) => Promise<void>;
  readonly act: (process: AgentProcess) => Promise<void>;
}

/** The policies under which the old secret is dead once the server has committed. */
export const strictPolicies: readonly RotationPolicy[] = ['strict', 'reuse-revokes-family'];
export const everyPolicy: readonly RotationPolicy[] = [
  ...strictPolicies,
  'grace',
  'until-first-use',
  'reusable',
];
