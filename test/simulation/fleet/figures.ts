import { binMs, type Bin, type FleetOptions, type FleetStory } from './fleet.ts';

/** What a story of a fleet comes to. Rates are exchanges a second. */
export interface FleetFigures {
  /** What the schedule says: each daemon once in `refresh.at` of a token's life. */
  readonly plannedRate: number;
  readonly start: {
    /** Requests for each daemon until all have a token. */
    readonly requests: number;
    /** Minutes until all have a token. */
    readonly minutes: number;
  };
  readonly settled: Steadiness;
  readonly outage: {
    /** Refused connections and exchanges in vain a second, at most. */
    readonly peakRate: number;
    /** The largest share of the fleet without a token that may be served, 0..1. */
    readonly without: number;
  };
  readonly recovery: {
    /** Requests a second at most, whatever came of them. */
    readonly peakRate: number;
    /** What that cannot exceed: the whole fleet, in pauses of at most {@link capMs}. */
    readonly bound: number;
    /** Minutes until all have a token again. */
    readonly minutes: number;
  };
  /** From one life after the outage on. */
  readonly afterwards: Steadiness;
}

/** Of a time in which nothing happens. */
export interface Steadiness {
  readonly meanRate: number;
  readonly peakRate: number;
}

export interface FiguresOptions {
  /** Milliseconds over which a peak is averaged; a multiple of a bin. */
  readonly peakMs: number;
  /** The longest pause of a daemon whose tries fail (`backoffCapMs`). */
  readonly capMs: number;
}

type Server = FleetOptions['server'];

export function figuresOf(
  { bins }: FleetStory,
  { daemons, ttlMs, server }: FleetOptions,
  { peakMs, capMs }: FiguresOptions,
): FleetFigures {
  const { fromMs, untilMs } = outageOf(server);
  const between = (from: number, until: number) => bins.slice(from / binMs, until / binMs);
  const end = bins.length * binMs;
  const startEnd = allServed(bins, 0, fromMs);
  const requests = sum(between(0, startEnd), requestsIn);
  return {
    plannedRate: daemons / ((0.75 * ttlMs) / 1_000),
    start: { requests: requests / daemons, minutes: startEnd / 60_000 },
    settled: steadiness(between(ttlMs, fromMs), peakMs),
    outage: {
      peakRate: peakOf(between(fromMs, untilMs), vainIn, peakMs),
      without: Math.max(...bins.slice(fromMs / binMs).map((bin) => bin.without)) / daemons,
    },
    recovery: {
      peakRate: peakOf(between(untilMs, untilMs + ttlMs), requestsIn, peakMs),
      bound: (2 * daemons) / (capMs / 1_000),
      minutes: (allServed(bins, untilMs, end) - untilMs) / 60_000,
    },
    afterwards: steadiness(between(untilMs + ttlMs, end), peakMs),
  };
}

function outageOf({ outage }: Server): { readonly fromMs: number; readonly untilMs: number } {
  if (outage === null) throw new RangeError('a story without an outage has no recovery');
  return outage;
}

export function requestsIn(bin: Bin): number {
  return bin.granted + vainIn(bin);
}

function vainIn({ refused, turnedAway }: Bin): number {
  return refused + turnedAway;
}

function steadiness(bins: readonly Bin[], peakMs: number): Steadiness {
  const meanRate = sum(bins, requestsIn) / ((bins.length * binMs) / 1_000);
  return { meanRate, peakRate: peakOf(bins, requestsIn, peakMs) };
}

/** The highest rate over any window of `peakMs`, a second. */
function peakOf(bins: readonly Bin[], count: (bin: Bin) => number, peakMs: number): number {
  const width = peakMs / binMs;
  let peak = 0;
  for (let index = 0; index + width <= bins.length; index += 1)
    peak = Math.max(peak, sum(bins.slice(index, index + width), count));
  return peak / (peakMs / 1_000);
}

/** When the last one has a token again that is without one in this time; milliseconds, `fromMs` where nobody is. */
function allServed(bins: readonly Bin[], fromMs: number, untilMs: number): number {
  const last = bins.slice(0, untilMs / binMs).findLastIndex(({ without }) => without > 0);
  // counted at the end of a bin, and told by all that follow until the next count
  return Math.max(fromMs, (last + 2) * binMs);
}

function sum(bins: readonly Bin[], count: (bin: Bin) => number): number {
  return bins.reduce((total, bin) => total + count(bin), 0);
}
