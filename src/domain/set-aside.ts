import { isoTime } from './alerts.ts';
import type { Stamp } from './stamp.ts';

/** Name of the place, in the agent's folder, for what is set aside at this moment. */
export function setAsideName(now: Stamp): string {
  return `set-aside-${isoTime(now, 0).replaceAll(':', '-')}`;
}
