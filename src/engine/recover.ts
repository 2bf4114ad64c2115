import type { AgentSettings } from '../domain/agent-state.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { FoundAnswer, RecoveryFound } from '../domain/recovery-found.ts';
import type { RecoveryActionName, RecoveryRequest, RecoveryResult } from '../domain/recovery-report.ts';
import type { RecoveryStep, SealedPart } from '../domain/recovery-steps.ts';
import { recoveryOf, stepsOf, storeAwayReport, type Recovery } from '../domain/recovery.ts';
import { setAsideName } from '../domain/set-aside.ts';
import type { AgentLabel } from '../domain/status.ts';
import type { Attic } from '../ports/attic.ts';
import type { KeptAnswer } from '../ports/journal.ts';
import type { Provider } from '../ports/provider.ts';
import type { AgentParts } from './agent-parts.ts';
import { failureOf } from './failure.ts';
import { interpret, openAll } from './store-work.ts';

/**
 * `tokenward recover`: reads everything of an agent, leaves the decision to the domain, and does the steps that a person chose.
 * It runs as maintenance, so nobody else touches the store or the journal meanwhile.
 */

export interface RecoveryTask {
  readonly settings: AgentSettings;
  readonly state: AgentLabel;
  readonly request: RecoveryRequest;
}

/** Rejects `RECOVERY_NOT_POSSIBLE`, `STATE_DIR_UNUSABLE` and `STORE_*`; what was done before stays, and another call goes on from it. */
export async function recover(
  parts: AgentParts,
  { settings, state, request }: RecoveryTask,
  signal: AbortSignal,
): Promise<RecoveryResult> {
  const recovery = await survey(parts, settings, state, signal);
  const action = request.dryRun ? null : (request.action ?? recovery.report.recommended);
  if (action === null) return { report: recovery.report, done: null, setAside: null };
  const steps = stepsOf(recovery, action, request.matter);
  const setAside = await carryOut(parts, action, steps, signal).catch((error: unknown) => {
    throw explained(error);
  });
  return { report: recovery.report, done: action, setAside };
}

/** What a disk rejects with, in words that help. */
function explained(error: unknown): unknown {
  if (error instanceof TokenwardError || !(error instanceof Error) || !('errno' in error || 'code' in error))
    return error;
  const { code, detail } = failureOf(error, 'STATE_DIR_UNUSABLE');
  return new TokenwardError(code, detail, { cause: error });
}

async function survey(
  parts: AgentParts,
  settings: AgentSettings,
  state: AgentLabel,
  signal: AbortSignal,
): Promise<Recovery> {
  try {
    return recoveryOf(await read(parts, settings, state, signal));
  } catch (error) {
    // A store that is locked or hung, or a folder that cannot be read: told like everything else that was found.
    const failure = failureOf(error, 'STATE_DIR_UNUSABLE');
    if (failure.code === 'INTERNAL') throw error;
    return { report: storeAwayReport(settings, state, failure), offers: [] };
  }
}

async function read(
  parts: AgentParts,
  settings: AgentSettings,
  state: AgentLabel,
  signal: AbortSignal,
): Promise<RecoveryFound> {
  const { clock, random, journal, provider } = parts;
  const view = await openAll(parts, signal);
  const kept = view.keyPresent ? await journal.answers() : [];
  const answers = kept.map((answer) => lookedInto(answer, provider));
  return { settings, state, view, answers, now: clock.now(), id: random.uuid() };
}

function lookedInto({ attempt, raw }: KeptAnswer, provider: Provider): FoundAnswer {
  if (raw === 'unreadable') return { attempt, raw, outcome: null, salvaged: null };
  const outcome = interpret(provider, raw.answer);
  const salvaged =
    outcome.kind === 'in-doubt' ? (provider.salvage?.(raw.answer, raw.attempt.fingerprint) ?? null) : null;
  return { attempt, raw, outcome, salvaged };
}

/** Resolves to the folder in which something was set aside; null where nothing had to be. */
async function carryOut(
  parts: AgentParts,
  action: RecoveryActionName,
  steps: readonly RecoveryStep[],
  signal: AbortSignal,
): Promise<string | null> {
  const { clock, journal, store, log } = parts;
  if (steps.some(({ step }) => step === 'record')) {
    // Nothing is moved before it is sure that the rest can be written.
    await Promise.all([journal.proveWritable(), store.proveWritable(signal)]);
  }
  const attic = await journal.openAttic(setAsideName(clock.now()));
  for (const step of steps) await carryOutStep(parts, step, attic, signal);
  const setAside = steps.some(({ step }) => step === 'set-aside') ? attic.place : null;
  log.warn('recovered', { action, set_aside: setAside });
  return setAside;
}

async function carryOutStep(
  { journal, store }: AgentParts,
  step: RecoveryStep,
  attic: Attic,
  signal: AbortSignal,
): Promise<void> {
  switch (step.step) {
    case 'set-aside':
      return isSlot(step.part)
        ? store.setAside(step.part, attic, signal)
        : journal.setAside(step.part, attic);
    case 'record':
      return journal.saveRecord(step.record);
    case 'current':
    case 'candidate':
      return store.save(step.step, step.secret, signal);
    case 'drop-answers':
      return journal.dropRaws(null);
  }
}

function isSlot(part: SealedPart): part is 'current' | 'candidate' {
  return part === 'current' || part === 'candidate';
}
