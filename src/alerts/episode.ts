import type { AlertStatus } from '../domain/status.ts';
import type { AlertNotice } from '../ports/alert-channel.ts';

/** Which channels hear of an episode: all, only those that keep a record, or only the others. */
export type Audience = 'all' | 'records' | 'others';

/** One alert from its beginning to the moment when everybody who was told has heard of its end. */
export interface Episode {
  /** null = the daemon as a whole. */
  readonly agent: string | null;
  readonly ordinal: number;
  readonly audience: Audience;
  /** As it was when the episode began, so that all notices of it say the same. */
  alert: AlertStatus;
  /** ISO 8601; null while it stands. */
  endedAt: string | null;
  /** It goes on as another one, with another severity. */
  superseded: boolean;
  /** Episodes before it that nobody was told of. */
  flapped: number;
  /** From the process before, and not seen to stand by this one yet. */
  restored: boolean;
  /** Nobody but the records is told of it before it has stood for a while. */
  isHeld: boolean;
  /** Cancels the wait for that; null where there is none. */
  cancelHold: (() => void) | null;
  /** Channels that its beginning is on the way to, or has reached. */
  readonly sentTo: Set<string>;
  /** Those that have taken it. */
  readonly toldTo: Set<string>;
}

export function newEpisode(
  { agent, ordinal, audience, alert }: Pick<Episode, 'agent' | 'ordinal' | 'audience' | 'alert'>,
  rest: Partial<Episode> = {},
): Episode {
  return {
    agent,
    ordinal,
    audience,
    alert,
    endedAt: null,
    superseded: false,
    flapped: 0,
    restored: false,
    isHeld: false,
    cancelHold: null,
    sentTo: new Set(),
    toldTo: new Set(),
    ...rest,
  };
}

export function noticeOf(episode: Episode, status: AlertNotice['status']): AlertNotice {
  const { agent, ordinal, alert, endedAt, superseded, flapped } = episode;
  return { ...alert, agent, status, ordinal, endedAt, superseded, flapped };
}
