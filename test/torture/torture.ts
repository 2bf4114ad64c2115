/**
 * `npm run torture`: the built daemon with many agents, killed again and again in the middle of rotations, under each rotation
 * policy of the server (docs/durability.md). Ends with 1 where a promise was broken.
 *
 *     npm run torture -- --rotations 10000 --policy strict --policy grace --seed 7
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { rotationPolicies, type RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { runCampaign, type CampaignResult } from './campaign.ts';
import { asJson, asTable, progressText } from './report.ts';
import type { Tally } from './tally.ts';

const { values: options } = parseArgs({
  options: {
    /** For each policy. */
    rotations: { type: 'string', default: '1000' },
    policy: { type: 'string', multiple: true, default: [...rotationPolicies] },
    agents: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** For each policy; afterwards no further life begins. */
    minutes: { type: 'string', default: '60' },
    /** Where the state is kept; not in memory, as fsync has to mean something. */
    folder: { type: 'string', default: '/var/tmp' },
    /** Another build to torture. */
    program: { type: 'string', default: join(import.meta.dirname, '../../dist/tokenward.js') },
    json: { type: 'boolean', default: false },
  },
});

const policies = options.policy.map(knownPolicy);
const rotations = positive(options.rotations);
const agents = positive(options.agents);
const seed = positive(options.seed);
const minutes = positive(options.minutes);
/** Milliseconds between two lines of progress. */
const progressEveryMs = 5_000;

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort()).once('SIGTERM', () => interrupted.abort());

say(`seed ${seed}, ${agents} agents, state on ${await fileSystemOf(options.folder)} (${options.folder})`);
const results: CampaignResult[] = [];
for (const policy of policies) if (!interrupted.signal.aborted) results.push(await torture(policy));
process.stdout.write(options.json ? asJson(results) : asTable(results));
process.exitCode = results.some(({ broken }) => broken.length > 0) ? 1 : 0;

function torture(policy: RotationPolicy): Promise<CampaignResult> {
  let toldMs = -Infinity;
  return runCampaign({
    policy,
    rotations,
    agents,
    seed,
    limitMs: minutes * 60_000,
    program: options.program,
    node: process.execPath,
    base: options.folder,
    signal: interrupted.signal,
    progress: (tally: Readonly<Tally>) => {
      if (performance.now() - toldMs < progressEveryMs) return;
      toldMs = performance.now();
      say(progressText(policy, tally));
    },
  });
}

function knownPolicy(name: string): RotationPolicy {
  const policy = rotationPolicies.find((known) => known === name);
  return policy ?? usage(`no policy ${name}; there are ${rotationPolicies.join(', ')}`);
}

function positive(text: string): number {
  const number = Number(text);
  return number > 0 ? number : usage(`${text} is not a positive number`);
}

function usage(complaint: string): never {
  say(complaint);
  process.exit(64);
}

async function fileSystemOf(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('findmnt', ['-n', '-o', 'FSTYPE', '-T', folder]);
    return stdout.trim();
  } catch {
    return 'an unknown file system'; // no findmnt here; it is for information only
  }
}

function say(line: string): void {
  process.stderr.write(`torture: ${line}\n`);
}
