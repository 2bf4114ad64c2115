/**
 * The log server of the benchmark, in a process of its own: it must not share a core's time with what is measured, nor with
 * the clock that measures. Tells its parent where it is and which secrets it honours, and ends with it.
 */
import { randomBytes } from 'node:crypto';
import { createAuthority, issueLeaf } from '../src/emulator/certificates.ts';
import { startEmulator } from '../src/emulator/start-emulator.ts';

/** What the parent gets as its one message. */
export interface EmulatorAddress {
  readonly url: string;
  /** PEM of the authority behind its certificate. */
  readonly ca: string;
  /** Each for one agent, to be used once. */
  readonly secrets: readonly string[];
}

/** More than one run of the benchmark can use up. */
const secretCount = 200;

/** The tokens of real servers are signed documents of some hundred bytes; with these an answer of the daemon has about 1 KB. */
const lengthFactor = 15;

const day = 24 * 3_600_000;
const validity = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
const authority = createAuthority('tokenward benchmark', validity);
const tls = issueLeaf(authority, { commonName: 'emulator', usage: 'server', validity, hosts: ['127.0.0.1'] });
const emulator = await startEmulator({
  adminToken: randomBytes(16).toString('hex'),
  tls,
  random: (count) => randomBytes(count * lengthFactor),
});
const secrets = Array.from({ length: secretCount }, (_, index) => emulator.createSecret(`bench-${index}`));
process.send?.({ url: emulator.url, ca: authority.cert, secrets } satisfies EmulatorAddress);
process.once('disconnect', () => process.exit(0));
