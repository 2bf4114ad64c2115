import type { FaultKind } from './fault-kinds.ts';
import type { Fault } from './fault.ts';
import { crashes } from './faults/crashes.ts';
import { hosts } from './faults/hosts.ts';
import { people } from './faults/people.ts';
import { places } from './faults/places.ts';
import { revocations } from './faults/revocations.ts';
import { weathers } from './faults/weathers.ts';

/** One for each kind; a kind without one does not compile. */
export const faults: Readonly<Record<FaultKind, Fault>> = {
  ...crashes,
  ...weathers,
  ...places,
  ...people,
  ...hosts,
  ...revocations,
};
