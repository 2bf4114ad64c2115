import type { RotationStep } from '../../src/domain/rotation-step.ts';
import type { RotationEvent, RotationMeter } from '../../src/ports/rotation-meter.ts';

/** A meter that tells what it was told. */
export class RotationCounts implements RotationMeter {
  /** Each in the order in which it came. */
  readonly doneSteps: RotationStep[] = [];
  readonly failedSteps: RotationStep[] = [];
  readonly outcomes: string[] = [];
  /** Seconds. */
  readonly exchangeTimes: number[] = [];
  readonly persistTimes: number[] = [];
  readonly events: RotationEvent[] = [];

  done(step: RotationStep): void {
    this.doneSteps.push(step);
  }

  failed(step: RotationStep): void {
    this.failedSteps.push(step);
  }

  exchanged(outcome: string, seconds: number): void {
    this.outcomes.push(outcome);
    this.exchangeTimes.push(seconds);
  }

  persisted(seconds: number): void {
    this.persistTimes.push(seconds);
  }

  happened(event: RotationEvent): void {
    this.events.push(event);
  }

  /** Forgets everything, and answers with the steps that were done. */
  takeDone(): RotationStep[] {
    this.failedSteps.length = 0;
    this.outcomes.length = 0;
    this.events.length = 0;
    return this.doneSteps.splice(0);
  }
}
