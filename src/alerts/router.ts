import type { AlertStatus } from '../domain/status.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import { Damping, holdMs } from './damping.ts';
import { Deliveries, type DeliveryParts } from './deliveries.ts';
import { type Audience, type Episode, newEpisode } from './episode.ts';
import { compareAlerts } from './episodes.ts';
import { type AlertMemory, type Remembered } from './memory.ts';
import { Settling } from './settling.ts';

/**
 * Turns the alerts that stand for each agent into notices: every channel is told of each episode once when it begins and
 * once when it ends, also across restarts. A channel that is down delays no other, and nobody who calls.
 */

export interface RouterParts extends DeliveryParts {
  readonly memory: Pick<AlertMemory, 'load' | 'save' | 'close'>;
}

interface Look {
  readonly alerts: readonly AlertStatus[];
  readonly isKnown: boolean;
}

/** null = the daemon as a whole. */
type Subject = string | null;

export class AlertRouter {
  readonly #parts: RouterParts;
  readonly #deliveries: Deliveries;
  readonly #damping = new Damping();
  readonly #settling: Settling;
  readonly #looks = new Map<Subject, Look>();
  #episodes: readonly Episode[] = [];
  #begun = false;

  constructor(channels: readonly AlertChannel[], parts: RouterParts) {
    this.#parts = parts;
    this.#settling = new Settling(parts.clock, (subject) => this.#look(subject));
    this.#deliveries = new Deliveries(channels, parts, {
      episodes: () => this.#episodes,
      changed: (episode) => this.#changed(episode),
    });
  }

  /**
   * From here on channels are told; before, the newest alerts are only kept: a standby tells nobody. What the process before has
   * told is taken up; what it told of agents other than these ends.
   */
  async begin(agents: readonly string[]): Promise<void> {
    const remembered = await this.#parts.memory.load();
    this.#episodes = remembered.map((each) => this.#restored(each));
    for (const episode of this.#episodes) if (episode.endedAt !== null) this.#deliveries.resolve(episode);
    const ofOthers = this.#episodes.map(({ agent }) => agent).filter((name) => !agents.includes(name ?? ''));
    for (const subject of new Set([null, ...ofOthers])) {
      if (!this.#looks.has(subject)) this.#looks.set(subject, { alerts: [], isKnown: true });
    }
    this.#begun = true;
    for (const subject of this.#looks.keys()) this.#look(subject);
    this.#deliveries.keepUp();
  }

  /**
   * Takes all alerts that stand for the agent now. May be called as often as one likes; an empty list ends them all. `isKnown` is
   * false as long as nobody can tell what stands, at the start: then nothing ends that the process before has told.
   */
  update(agent: string, alerts: readonly AlertStatus[], isKnown = true): void {
    this.#looks.set(agent, { alerts, isKnown });
    if (this.#begun) this.#look(agent);
  }

  /**
   * What concerns the daemon as a whole; null ends it. It also stands for every agent, and whoever keeps a record is told of each
   * of those; the others hear of it once. Call it before the agents are told, and after they are told that it has ended.
   */
  updateDaemon(alert: AlertStatus | null): void {
    this.#looks.set(null, { alerts: alert === null ? [] : [alert], isKnown: true });
    if (this.#begun) this.#look(null);
  }

  /** These are the channels from now on. New ones hear of what stands; nobody is told anything twice. */
  async useChannels(channels: readonly AlertChannel[]): Promise<void> {
    const closed = this.#deliveries.use(channels, AbortSignal.abort());
    for (const episode of this.#episodes) {
      if (episode.endedAt === null && !episode.isHeld && !episode.restored)
        this.#deliveries.fire(episode, episode.audience);
    }
    await closed;
  }

  /** Takes no more updates; resolves when the channels have taken what was pending, or `deadline` fires. Alerts are not resolved by it. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#begun = false;
    this.#settling.close();
    for (const { cancelHold } of this.#episodes) cancelHold?.();
    await this.#deliveries.close(deadline);
    await this.#parts.memory.close();
  }

  #look(subject: Subject): void {
    const { alerts, isKnown } = this.#looks.get(subject) ?? { alerts: [], isKnown: false };
    const standing = this.#episodes.filter(({ agent, endedAt }) => agent === subject && endedAt === null);
    const changes = compareAlerts(
      standing.map(({ alert }) => alert),
      alerts,
    );
    const missing = standing.filter(({ alert }) => changes.ended.includes(alert));
    for (const episode of standing) if (!missing.includes(episode)) this.#seen(episode);
    const { began, adopted, left } = takeUp(missing, changes.began);
    for (const [episode, alert] of adopted) this.#seen(episode, alert);
    const before = new Map(
      began.map((alert) => [alert, left.find((each) => each.alert.code === alert.code)]),
    );
    const superseded = new Set(before.values());
    for (const episode of left) {
      const goesOn = superseded.has(episode);
      const isSure = !episode.restored || goesOn || (isKnown && this.#settling.isOver(subject));
      if (isSure) this.#end(episode, goesOn);
    }
    for (const alert of began) this.#begin(subject, alert, before.get(alert));
  }

  /** It stands: what the process before has told is told to those who were not told yet. */
  #seen(episode: Episode, alert = episode.alert): void {
    episode.alert = alert;
    if (!episode.restored) return;
    episode.restored = false;
    this.#deliveries.fire(episode, episode.audience);
  }

  #begin(subject: Subject, alert: AlertStatus, before: Episode | undefined): void {
    const { clock } = this.#parts;
    const key = keyOf(subject, alert);
    const ordinal = before?.ordinal ?? this.#freeOrdinal(subject, alert);
    const episode = newEpisode({
      agent: subject,
      ordinal,
      audience: this.#audienceOf(subject, alert),
      alert,
    });
    this.#episodes = [...this.#episodes, episode];
    const isHeld = before === undefined ? this.#damping.begins(key, clock.now().bootMs) : before.isHeld;
    if (!isHeld) return this.#fire(episode);
    episode.isHeld = true;
    if (episode.audience !== 'others') this.#deliveries.fire(episode, 'records');
    episode.cancelHold = clock.after(holdMs, () => this.#fire(episode));
  }

  #fire(episode: Episode): void {
    episode.isHeld = false;
    episode.cancelHold = null;
    episode.flapped = this.#damping.told(keyOf(episode.agent, episode.alert));
    this.#deliveries.fire(episode, episode.audience);
  }

  #end(episode: Episode, superseded: boolean): void {
    episode.cancelHold?.();
    episode.cancelHold = null;
    if (episode.isHeld && !superseded) this.#damping.wentUntold(keyOf(episode.agent, episode.alert));
    episode.endedAt = new Date(this.#parts.clock.now().wallMs).toISOString();
    episode.superseded = superseded;
    this.#deliveries.resolve(episode);
    this.#changed(episode);
  }

  #changed(episode: Episode): void {
    if (episode.endedAt !== null && episode.sentTo.size === 0)
      this.#episodes = this.#episodes.filter((each) => each !== episode);
    this.#deliveries.keepUp();
    this.#parts.memory.save(this.#episodes.flatMap((each) => this.#remembered(each)));
  }

  #freeOrdinal(subject: Subject, { code }: AlertStatus): number {
    const taken = this.#episodes.filter(
      ({ agent, alert, endedAt }) => agent === subject && alert.code === code && endedAt === null,
    );
    let ordinal = 1;
    while (taken.some((each) => each.ordinal === ordinal)) ordinal += 1;
    return ordinal;
  }

  #audienceOf(subject: Subject, { code, summary }: AlertStatus): Audience {
    if (subject === null) return 'others';
    const ofDaemon = this.#looks.get(null)?.alerts ?? [];
    return ofDaemon.some((alert) => alert.code === code && alert.summary === summary) ? 'records' : 'all';
  }

  #restored({ agent, ordinal, told, endedAt, superseded, ...alert }: Remembered): Episode {
    const channels = told.filter((name) => this.#deliveries.has(name));
    return newEpisode(
      { agent, ordinal, audience: agent === null ? 'others' : 'all', alert },
      { endedAt, superseded, restored: true, sentTo: new Set(channels), toldTo: new Set(channels) },
    );
  }

  /** Records are told anew by the next process; who was told nothing has nothing to remember. */
  #remembered({ agent, ordinal, alert, endedAt, superseded, toldTo }: Episode): readonly Remembered[] {
    const told = [...toldTo].filter((name) => !this.#deliveries.isRecord(name));
    const { code, severity, since, summary } = alert;
    const remembered = { agent, ordinal, code, severity, since, summary, endedAt, superseded, told };
    return told.length === 0 ? [] : [remembered];
  }
}

function keyOf(subject: Subject, { code }: AlertStatus): string {
  return `${subject ?? ''}/${code}`;
}

interface TakenUp {
  readonly began: readonly AlertStatus[];
  readonly adopted: readonly (readonly [Episode, AlertStatus])[];
  readonly left: readonly Episode[];
}

/** A restart may tell the beginning and the words of an alert anew: what the process before has told is the same one. */
function takeUp(missing: readonly Episode[], began: readonly AlertStatus[]): TakenUp {
  const left = [...missing];
  const adopted: [Episode, AlertStatus][] = [];
  const fresh = began.filter((alert) => {
    const at = left.findIndex(
      (each) => each.restored && each.alert.code === alert.code && each.alert.severity === alert.severity,
    );
    const [episode] = at === -1 ? [] : left.splice(at, 1);
    if (episode !== undefined) adopted.push([episode, alert]);
    return episode === undefined;
  });
  return { began: fresh, adopted, left };
}
