import type { AgentEffect } from '../domain/agent-effect.ts';
import type { AgentEvent } from '../domain/agent-event.ts';
import type { ProbeVerdict } from '../domain/probe.ts';
import type { AgentParts } from './agent-parts.ts';

/** Shows the token to the server, at most for the deadline. Never rejects: what goes wrong says nothing of the token. */
export async function probeToken(
  { provider, clock }: Pick<AgentParts, 'provider' | 'clock'>,
  { id, token, deadlineMs }: Extract<AgentEffect, { do: 'probe' }>,
  signal: AbortSignal,
): Promise<AgentEvent> {
  const overdue = new AbortController();
  const cancel = clock.after(deadlineMs, () => overdue.abort(new DOMException('no answer', 'TimeoutError')));
  const asked = provider.probe?.(token, AbortSignal.any([signal, overdue.signal]));
  const verdict = await (asked ?? Promise.resolve(noProbe)).catch(() => brokenProbe);
  cancel();
  return { type: 'probed', id, verdict };
}

/** A reload took the probe away in the middle of one. */
const noProbe: ProbeVerdict = {
  kind: 'unknown',
  code: 'SERVER_MISCONFIGURED',
  detail: 'no probe is configured (any more)',
};

/** The port promises not to reject. */
const brokenProbe: ProbeVerdict = { kind: 'unknown', code: 'INTERNAL', detail: 'the probe failed by itself' };
