import type { AgentStatus } from '../../src/domain/status.ts';
import { readDisk } from './disk-image.ts';
import type { Life } from './life.ts';
import { OrderWatch } from './order-watch.ts';
import { ServerRecord, type Decision } from './server-record.ts';
import { SideLog } from './side-log.ts';
import type { Site } from './site.ts';
import { emptyTally, type Tally } from './tally.ts';
import { dossier, judgeLockOut } from './verdict.ts';
import type { KilledAttempt, Witness } from './witness.ts';

/** Policies under which a lost answer costs nothing, as the old secret still works. */
const forgiving = new Set(['grace', 'until-first-use', 'reusable']);

/** More of them say nothing new. */
export const mostBroken = 20;

/**
 * Holds what the daemon says against what the server decided, what is on the disk and what the side log noted, and counts.
 * Every promise that is not kept is put down in words.
 */
export class Court {
  readonly tally: Tally = emptyTally();
  readonly broken: string[] = [];
  readonly #site: Site;
  readonly #server: ServerRecord;
  readonly #sideLog: SideLog;
  readonly #order = new OrderWatch((what) => this.complain(what));

  constructor(site: Site) {
    this.#site = site;
    this.#server = new ServerRecord(site.emulator);
    this.#sideLog = new SideLog(site.sideLogFile, (...step) => this.#order.take(...step));
  }

  /** Looks at the disk of every agent, after a kill and before the next start. */
  examineAll(witnesses: readonly Witness[], life: Life): void {
    this.#server.read();
    this.#sideLog.read();
    for (const witness of witnesses) this.#examine(witness, life.endedAtMs);
    this.tally.rotations = witnesses.reduce((sum, { generation }) => sum + generation, 0);
    const revoked = life.log.split('SECRET_REVOKED').length - 1;
    if (revoked > 0) this.#revoked(`the log says SECRET_REVOKED ${revoked} times:\n${life.log}`);
  }

  /** Takes down what the daemon says of an agent. */
  heard(witness: Witness, status: AgentStatus): void {
    const { token, secret } = status;
    this.#settle(witness, secret.generation);
    witness.acknowledged = Math.max(witness.acknowledged, secret.generation);
    if (token.sequence < witness.sequence)
      this.complain(`${witness.name} had told token ${witness.sequence}, and now has ${token.sequence}`);
    witness.sequence = Math.max(witness.sequence, token.sequence);
    if (token.sequence > 0 && token.status !== 'valid')
      this.complain(`${witness.name} has a token of half an hour, and reports it as ${token.status}`);
    if (secret.status === 'absent' && witness.handedOver?.acknowledged === true) this.#forgot(witness);
    const codes = status.alerts.map(({ code }) => code);
    if (status.state === 'revoked' || codes.includes('SECRET_REVOKED'))
      this.#revoked(`${witness.name} is reported as ${status.state} (${codes.join(', ')})`);
    if (status.state === 'blocked')
      this.complain(`${witness.name} needs a person, though nothing was damaged: ${codes.join(', ')}`);
  }

  /** The daemon says that the agent's secret is lost: was it, and whose fault was it? */
  heardLost(witness: Witness, status: AgentStatus): void {
    this.#server.read();
    const refusal = this.#server.refusals.findLast(
      ({ name, presented }) => name === witness.name && !witness.judged.has(presented ?? ''),
    );
    if (refusal === undefined) {
      if (witness.judged.size === 0) this.complain(`${witness.name} is lost, but the server refused nothing`);
      if (witness.handedOver?.acknowledged === true) this.#forgot(witness);
      return;
    }
    this.#judge(witness, refusal);
    if (!status.alerts.some(({ code }) => code === 'SECRET_LOST_IN_FLIGHT'))
      this.complain(`${witness.name} is lost and does not say SECRET_LOST_IN_FLIGHT`);
  }

  /** What must be true when everything has come to rest. */
  close(witnesses: readonly Witness[]): void {
    for (const { name, open } of witnesses)
      if (open.length > 0) this.complain(`${name}: the fate of ${open.length} attempts is unknown`);
    const judged = new Set(witnesses.flatMap((witness) => [...witness.judged]));
    const strange = this.#server.refusals.filter(({ presented }) => !judged.has(presented ?? ''));
    if (strange.length > 0)
      this.complain(`the server refused without a lock-out: ${JSON.stringify(strange.slice(0, 5))}`);
    if (this.tally.rotations > 0 && witnesses.every(({ name }) => this.#sideLog.rawSteps(name).length === 0))
      this.complain('the side log is empty: the instrumentation did not take effect');
  }

  /** A promise was broken. */
  complain(what: string): void {
    if (this.broken.length < mostBroken) this.broken.push(what);
  }

  #examine(witness: Witness, killedAtMs: number): void {
    const { name } = witness;
    const image = readDisk(this.#site.stateDir, name, this.#site.key);
    if (image.unreadable.length > 0)
      this.complain(`${name}: cannot be opened: ${image.unreadable.join(', ')}`);
    if (image.generation < witness.acknowledged)
      this.complain(
        `${name}: generation ${witness.acknowledged} was told, ${image.generation} is on the disk`,
      );
    this.#settle(witness, image.generation);
    witness.generation = image.generation;
    for (const secret of image.secrets) witness.seen.add(secret);
    for (const secret of image.unnamed) witness.unnamed.add(secret);
    this.#order.restart(name, image.rawFiles);
    const { intent } = image;
    if (intent === null) return;
    this.tally.inFlight += 1;
    const granted = (image.raws.get(intent.id) ?? null) !== null;
    witness.open.push({ generation: intent.generation, spent: intent.fingerprint, granted, killedAtMs });
  }

  /** A generation above that of an attempt: it was granted, from the disk or because the secret was sent again. */
  #settle(witness: Witness, generation: number): void {
    const isSettled = (attempt: KilledAttempt) => attempt.generation < generation;
    const settled = witness.open.filter(isSettled);
    if (settled.length > 0) this.#server.read();
    for (const attempt of settled) {
      const again = this.#server.on(attempt.spent).some(({ atMs }) => atMs > attempt.killedAtMs);
      this.tally[again ? 'replayed' : 'fromDisk'] += 1;
      if (again && attempt.granted)
        this.complain(`${witness.name}: the answer was on the disk, and yet the secret was sent again`);
    }
    witness.open = witness.open.filter((attempt) => !isSettled(attempt));
  }

  #judge(witness: Witness, refusal: Decision): void {
    const { tally } = this;
    witness.judged.add(refusal.presented ?? '');
    tally.lockOuts += 1;
    tally.lost += witness.open.length;
    if (witness.open.length === 0) tally.withoutKill += 1;
    witness.open = [];
    if (forgiving.has(this.#site.policy))
      this.complain(`${witness.name} is locked out, under ${this.#site.policy}`);
    this.#sideLog.read();
    const evidence = { server: this.#server, sideLog: this.#sideLog, witness, refusal };
    const verdict = judgeLockOut(evidence);
    if ('fault' in verdict) {
      this.complain(`${witness.name} is locked out, and ${verdict.fault}: ${dossier(evidence)}`);
      return;
    }
    tally.proven += 1;
    tally.stages[verdict.stage] += 1;
  }

  #forgot({ name }: Witness): void {
    this.complain(`${name} has forgotten a secret whose hand-over it had acknowledged`);
  }

  #revoked(what: string): void {
    this.tally.revokedSeen += 1;
    this.complain(what);
  }
}
