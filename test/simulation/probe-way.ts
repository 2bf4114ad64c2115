import type { ProbeVerdict } from '../../src/domain/probe.ts';
import type { Secret } from '../../src/domain/secret.ts';
import { fingerprintOf } from '../../src/platform/fingerprint.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Provider } from '../../src/ports/provider.ts';
import { count, tokenHappenings, type TokenHappening } from './tally.ts';
import type { RunView } from './views.ts';

type Probe = (token: Secret, signal: AbortSignal) => Promise<ProbeVerdict>;

/** The way of a token to the server and of the verdict back, with a witness; nothing where there is no probe. */
export function probeOf(run: RunView, provider: Provider): Pick<Provider, 'probe'> {
  if (provider.probe === undefined) return {};
  const ask: Probe = (token, signal) => provider.probe?.(token, signal) ?? Promise.resolve(tooLate);
  return { probe: (token, signal) => shown(run, ask, token, signal) };
}

async function shown(run: RunView, ask: Probe, token: Secret, signal: AbortSignal): Promise<ProbeVerdict> {
  const givenUp = new Promise<ProbeVerdict>((resolve) => {
    signal.addEventListener('abort', () => resolve(tooLate));
  });
  const verdict = await Promise.race([answered(run, ask, token, signal), givenUp]);
  const { site } = run;
  run.note('has shown its token', { verdict: verdict.kind });
  if (verdict.kind !== 'unknown') count(site.host.world.tally.tokens, `probe ${verdict.kind}`);
  if (run.alive) site.tell((observer) => observer.looked?.(run, fingerprintOf(token.reveal()), verdict));
  return verdict;
}

const tooLate: ProbeVerdict = { kind: 'unknown', code: 'SERVER_TROUBLE', detail: 'no answer' };

async function answered(
  { site, daemon }: RunView,
  ask: Probe,
  token: Secret,
  signal: AbortSignal,
): Promise<ProbeVerdict> {
  const { host } = site;
  const { clock } = daemon.life;
  const { requestMs, answerMs } = host.travel();
  const mishap = host.probeMishap();
  if (mishap === 'silent') return new Promise(() => {});
  if (host.mishap('connect') === 'unreachable')
    return { kind: 'unknown', code: 'SERVER_UNREACHABLE', detail: 'connection refused' };
  await passed(clock, requestMs);
  const verdict = mishap ?? host.world.denial ?? (await ask(token, signal));
  await passed(clock, answerMs);
  return verdict;
}

export function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

const happenings: ReadonlySet<string> = new Set(tokenHappenings);

/** A line of the engine's log: those about tokens are counted. */
export function noteOfToken(run: RunView, event: string): void {
  if (!happenings.has(event)) return;
  const { site } = run;
  count(site.host.world.tally.tokens, event as TokenHappening);
  if (run.alive) site.tell((observer) => observer.says?.(run, event));
}
