import type { AgentLabel, AgentStatus } from './status.ts';

/**
 * What a service manager is told of the daemon (sd_notify(3)): from the agents' statuses to the lines of one message. Pure.
 */

/** `starting` ends when all listeners are bound. */
export type ServiceStage = 'starting' | 'serving' | 'stopping';

export interface ServiceAgent {
  readonly status: AgentStatus;
  /** Milliseconds until the next exchange is planned, 0 while one is under way; null where none is planned. */
  readonly nextRefreshInMs: number | null;
  /** Whether its engine has just taken an event and come to an end with it. */
  readonly answers: boolean;
}

export interface ServiceView {
  readonly stage: ServiceStage;
  readonly agents: readonly ServiceAgent[];
  /** Whether the watchdog wants a sign of life now. */
  readonly watchdog: boolean;
  /** How long a start may go on from now without another message; milliseconds. */
  readonly extendMs: number;
}

/** What was told before, so that it is not told again. */
export interface ServiceTold {
  readonly ready: boolean;
  readonly status: string;
}

export const nothingTold: ServiceTold = { ready: false, status: '' };

/** Only a person can bring these on. */
const waitsForPerson: ReadonlySet<AgentLabel> = new Set(['unprovisioned', 'revoked', 'lost', 'blocked']);
/** More are not named in the status text, which is one line of `systemctl status`. */
const mostNamed = 5;

/** The lines of the next message, none where there is nothing to tell, and what is told then. */
export function serviceReport(
  view: ServiceView,
  told: ServiceTold,
): { readonly lines: readonly string[]; readonly told: ServiceTold } {
  const { stage, agents } = view;
  const ready = told.ready || (stage === 'serving' && isReady(agents));
  const status = stage === 'stopping' ? told.status : statusText(view);
  const lines = [
    ...(ready && !told.ready ? ['READY=1'] : []),
    ...(status === told.status ? [] : [`STATUS=${status}`]),
    // The end is extended once, when it begins: one that hangs is to be cut off.
    ...(ready || stage === 'stopping' ? [] : [extension(view.extendMs)]),
    ...(view.watchdog && stuckAgents(agents).length === 0 ? ['WATCHDOG=1'] : []),
  ];
  return { lines, told: { ready, status } };
}

/** Those whose engine is stuck: for them the watchdog is to strike. */
export function stuckAgents(agents: readonly ServiceAgent[]): readonly string[] {
  return agents.filter(({ answers }) => !answers).map(({ status }) => status.agent);
}

/** The lines that say that the end has begun. */
export function stoppingLines(extendMs: number): readonly string[] {
  return ['STOPPING=1', 'STATUS=stopping', extension(extendMs)];
}

/** The lines that begin a reload; `monotonicUs` is the clock that systemd counts with, microseconds. */
export function reloadingLines(monotonicUs: bigint): readonly string[] {
  // Before systemd 253 nobody asks for the moment, and nobody minds it.
  return ['RELOADING=1', `MONOTONIC_USEC=${monotonicUs}`];
}

/**
 * A token is served, or nothing but a person can bring one. Of several agents one is enough, so that a server that is down does
 * not keep the others' units from starting; but each gets the end of its first try.
 */
function isReady(agents: readonly ServiceAgent[]): boolean {
  return (
    agents.length === 0 ||
    (agents.some(isSettled) && agents.every((agent) => isSettled(agent) || hasTried(agent)))
  );
}

function isSettled({ status: { state, token } }: ServiceAgent): boolean {
  return token.status === 'valid' || waitsForPerson.has(state);
}

/** It waits to try again, or for another process; while something is under way the time is 0. */
function hasTried({ nextRefreshInMs }: ServiceAgent): boolean {
  return nextRefreshInMs !== 0;
}

function extension(ms: number): string {
  return `EXTEND_TIMEOUT_USEC=${Math.ceil(ms) * 1000}`;
}

function statusText({ stage, agents }: ServiceView): string {
  // What is on the disk is not read yet, so nothing is known of them but this.
  if (stage === 'starting')
    return agents.some(({ status }) => status.state === 'standby')
      ? 'standby, another process holds the agents'
      : 'starting';
  // Those who need somebody first.
  const byNeed = agents.toSorted((a, b) => need(b) - need(a));
  const named = byNeed.slice(0, mostNamed).map(agentText);
  const more = agents.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function need({ status: { state } }: ServiceAgent): number {
  if (waitsForPerson.has(state)) return 2;
  return state === 'active' ? 0 : 1;
}

function agentText({ status, nextRefreshInMs }: ServiceAgent): string {
  const { agent, state, token } = status;
  const left = token.status === 'valid' ? token.expires_in : null;
  const validity = left === null || state === 'active' ? '' : `, token valid for ${spanText(left * 1000)}`;
  if (waitsForPerson.has(state))
    return `${agent} ${state}${validity}, waits for a person: tokenward status ${agent}`;
  return `${agent} ${state}${validity}${refreshText(state, nextRefreshInMs)}`;
}

function refreshText(state: AgentLabel, inMs: number | null): string {
  if (inMs === null) return '';
  const what = state === 'active' ? 'refresh' : 'try';
  return inMs === 0 ? `, ${what} under way` : `, next ${what} in ${spanText(inMs)}`;
}

/** In steps that grow with it, so that the text changes seldom: nobody is to be woken for it. */
function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${Math.max(10, Math.round(seconds / 10) * 10)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
