import type { ProbeVerdict } from '../../src/domain/probe.ts';

/** What is said instead of the truth; `silent`: nothing comes until the client gives up. */
export type ProbeMishap = ProbeVerdict | 'silent';

/** For so many probes of a host; `Number.POSITIVE_INFINITY`: until it is over. */
export interface ProbeTrouble {
  readonly mishap: ProbeMishap;
  readonly times: number;
}
