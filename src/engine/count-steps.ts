import type { AgentEffect } from '../domain/agent-effect.ts';
import type { Answer, Outcome } from '../domain/outcome.ts';
import type { RotationStep } from '../domain/rotation-step.ts';
import type { RotationMeter } from '../ports/rotation-meter.ts';

/** Counts how the work of a step ends, and ends in the same way. Null: it belongs to no rotation. */
export async function counted<Result>(
  meter: RotationMeter,
  step: RotationStep | null,
  work: Promise<Result>,
): Promise<Result> {
  if (step === null) return work;
  try {
    const result = await work;
    meter.done(step);
    return result;
  } catch (error) {
    meter.failed(step);
    throw error;
  }
}

/** How far the request came. One of which nobody knows whether it left counts as sent: it may have been. */
export function countAnswer(meter: RotationMeter, { kind }: Answer): void {
  if (kind === 'not-sent') {
    meter.failed('request-sent');
    return;
  }
  meter.done('request-sent');
  if (kind === 'http') meter.done('answer-received');
  else meter.failed('answer-received');
}

/** Only what arrived can be understood, or not. Returns the outcome. */
export function countOutcome(meter: RotationMeter, answer: Answer, outcome: Outcome): Outcome {
  if (answer.kind !== 'http') return outcome;
  if (outcome.kind === 'in-doubt') meter.failed('answer-understood');
  else meter.done('answer-understood');
  return outcome;
}

/** A secret that was handed over is durable, or could not be saved. */
export function countStored(
  meter: RotationMeter,
  { topic, error }: Extract<AgentEffect, { do: 'reply' }>,
): void {
  if (topic === 'stored') meter.happened(error === null ? 'hand-over-stored' : 'hand-over-failed');
}
