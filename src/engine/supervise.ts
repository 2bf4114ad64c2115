import type { Broker } from './broker.ts';

/**
 * Starts the agents of one daemon. The first one decides who the holder is: two daemons with the same agents must not end up
 * with a part of them each, so a daemon that cannot have the first takes none. Resolves to whether
 * this process holds them, or serves them all the same.
 */
export async function startAll(brokers: readonly Broker[]): Promise<boolean> {
  const [first, ...others] = inOrder(brokers);
  if (first === undefined) return true;
  const isHeld = await first.start();
  if (!isHeld && !first.servesAsStandby) return false;
  await Promise.all(others.map((broker) => broker.start()));
  return true;
}

/**
 * Waits as a standby for the holder's end, then starts the others too. Resolves early when the daemon stops. Tells who the
 * holder is (its process id, null where that is not known), and again when it is another one.
 */
export async function takeOver(
  brokers: readonly Broker[],
  tell: (holderPid: number | null) => void = () => {},
): Promise<void> {
  const [first, ...others] = inOrder(brokers);
  if (first === undefined) return;
  const unsubscribe = tellOfHolders(first, tell);
  await first.held();
  unsubscribe();
  await Promise.all(others.map((broker) => broker.start()));
}

/** Whether the agent that decides is ours. */
export function isHolder(brokers: readonly Broker[]): boolean {
  const [first] = inOrder(brokers);
  return first === undefined || first.servesAsStandby || first.heldElsewhere === null;
}

/** Stops all at once, within `deadlineMs` milliseconds. Resolves to whether everything that was received is saved. */
export async function stopAll(brokers: readonly Broker[], deadlineMs: number): Promise<boolean> {
  const saved = await Promise.all(brokers.map((broker) => broker.stop(deadlineMs)));
  return saved.every(Boolean);
}

/**
 * The same in every daemon, in whatever order its configuration names them. Agents that are served as a standby too decide
 * nothing where there are others: their holder may be on another host.
 */
function inOrder(brokers: readonly Broker[]): Broker[] {
  return brokers.toSorted((a, b) => (placeInLine(a) < placeInLine(b) ? -1 : 1));
}

function placeInLine({ servesAsStandby, name }: Broker): string {
  return `${servesAsStandby ? 1 : 0} ${name}`;
}

function tellOfHolders(broker: Broker, tell: (holderPid: number | null) => void): () => void {
  let told: number | null | undefined;
  const check = () => {
    const { heldElsewhere } = broker;
    if (heldElsewhere === null || heldElsewhere.holderPid === told) return;
    told = heldElsewhere.holderPid;
    tell(told);
  };
  check();
  return broker.subscribe(check);
}
