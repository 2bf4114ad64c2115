/** The words for each call of a rotation, in the order in which the engine makes them: the ten steps of docs/architecture.md. */

export type Lane = 'server' | 'folder' | 'store' | 'shippers';

export interface RotationStep {
  /** As it is traced. */
  readonly call: string;
  /** Of the ten. */
  readonly step: number;
  /** Who is asked; null = the daemon itself. */
  readonly lane: Lane | null;
  readonly says: string;
  /** Whether it is on the disk, file and folder, when the call returns. */
  readonly durable?: true;
  /** What comes back, where that is worth an arrow of its own. */
  readonly answer?: string;
}

export const rotationSteps: readonly RotationStep[] = [
  {
    call: 'lock.stillInPlace',
    step: 1,
    lane: 'folder',
    says: 'the lock is held, its file is still there',
  },
  { call: 'journal.proveWritable', step: 3, lane: 'folder', says: 'pre-flight: a full-size record fits' },
  { call: 'store.proveWritable', step: 3, lane: 'store', says: 'pre-flight: the store would take one, too' },
  { call: 'store.load', step: 2, lane: 'store', says: 'the secret g is read again' },
  { call: 'provider.connect', step: 3, lane: 'server', says: 'pre-flight: connect' },
  { call: 'lock.stillInPlace', step: 4, lane: 'folder', says: 'the lock once more' },
  {
    call: 'journal.saveRecord',
    step: 4,
    lane: 'folder',
    says: 'the intent: g is being spent',
    durable: true,
  },
  { call: 'lock.stillInPlace', step: 5, lane: 'folder', says: 'and right before it is sent' },
  {
    call: 'connection.exchange',
    step: 5,
    lane: 'server',
    says: 'the secret g, once',
    answer: 'token, secret g+1',
  },
  { call: 'connection.close', step: 5, lane: 'server', says: 'hang up' },
  { call: 'journal.saveRaw', step: 6, lane: 'folder', says: 'the answer as it came, sealed', durable: true },
  { call: 'provider.interpret', step: 7, lane: null, says: 'only now it is looked into' },
  { call: 'store.save', step: 7, lane: 'store', says: 'the secret g+1, and read back', durable: true },
  { call: 'journal.saveSession', step: 8, lane: 'folder', says: 'the session: the token', durable: true },
  { call: 'publish', step: 9, lane: 'shippers', says: 'the token, at the socket and in token files' },
  {
    call: 'journal.saveRecord',
    step: 10,
    lane: 'folder',
    says: 'the intent is gone, g+1 kept',
    durable: true,
  },
  { call: 'journal.dropRaws', step: 10, lane: 'folder', says: 'the answer is dropped', durable: true },
];
