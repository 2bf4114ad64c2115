import type { AgentEvent, OpenedView } from '../../../src/domain/agent-event.ts';
import type { Phase } from '../../../src/domain/agent-state.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import { attempt, granted, now, record, settings, stored, token, ttlMs } from './fixtures.ts';

const failure = { code: 'STORE_LOCKED', detail: 'locked' } as const;
const http = { kind: 'http', status: 200, headers: {}, body: new Uint8Array(), complete: true } as const;
const view: OpenedView = {
  identity: 'host:one',
  keyPresent: true,
  sealedStatePresent: true,
  current: stored('current', 3),
  candidate: null,
  record: record(),
  session: token(),
  raws: [],
};

/** One event of each kind. */
export const eachEvent: { readonly [Type in AgentEvent['type']]: Extract<AgentEvent, { type: Type }> } = {
  started: { type: 'started' },
  opened: { type: 'opened', view },
  'held-elsewhere': { type: 'held-elsewhere', holderPid: 7 },
  'open-failed': { type: 'open-failed', failure },
  'store-changed': { type: 'store-changed' },
  observed: {
    type: 'observed',
    view: { record: record(), session: token(), current: stored('current', 3) },
  },
  'observe-failed': { type: 'observe-failed' },
  woke: { type: 'woke' },
  prepared: { type: 'prepared', view },
  'store-failed': { type: 'store-failed', failure },
  'lock-lost': { type: 'lock-lost' },
  'not-connected': { type: 'not-connected', failure: { code: 'SERVER_UNREACHABLE', detail: 'refused' } },
  'intent-saved': { type: 'intent-saved' },
  'intent-failed': { type: 'intent-failed', failure },
  answered: { type: 'answered', answer: http },
  'raw-saved': { type: 'raw-saved' },
  'raw-failed': { type: 'raw-failed', failure },
  interpreted: { type: 'interpreted', outcome: granted() },
  'step-saved': { type: 'step-saved' },
  'step-failed': { type: 'step-failed', failure },
  'refresh-requested': { type: 'refresh-requested', request: 'r' },
  'handed-over': { type: 'handed-over', request: 'h', secret: credential('handed over') },
  'token-reported': { type: 'token-reported', fingerprint: token().fingerprint, certain: false },
  probed: { type: 'probed', id: 'probe', verdict: { kind: 'works' } },
  'maintenance-requested': { type: 'maintenance-requested', request: 'm' },
  'maintenance-ended': { type: 'maintenance-ended' },
  reconfigured: { type: 'reconfigured', request: 's', settings: { ...settings, ttlMs: 2 * ttlMs } },
  'condition-began': {
    type: 'condition-began',
    key: 'file',
    alert: { code: 'FILE_TAMPERED', severity: 'warning', since: '', summary: '' },
  },
  'condition-ended': { type: 'condition-ended', key: 'file' },
  'stop-requested': { type: 'stop-requested' },
};

/** The agent of the fixtures in each phase. */
export const eachPhase: { readonly [Name in Phase['name']]: Extract<Phase, { name: Name }> } = {
  opening: { name: 'opening' },
  waiting: { name: 'waiting' },
  preparing: { name: 'preparing', slot: 'current' },
  'saving-intent': { name: 'saving-intent', attempt: attempt(), record: record({ intent: attempt() }) },
  exchanging: { name: 'exchanging', attempt: attempt() },
  'saving-raw': { name: 'saving-raw', attempt: attempt(), answer: http, answeredAt: now },
  interpreting: { name: 'interpreting', attempt: attempt(), answeredAt: now },
  saving: {
    name: 'saving',
    steps: [{ save: 'record', record: record() }],
    retryAt: null,
    purpose: { kind: 'outcome' },
  },
  probing: { name: 'probing', id: 'probe' },
  maintenance: { name: 'maintenance' },
  stopped: { name: 'stopped' },
};
