import type { Host } from './host.ts';
import type { World } from './world.ts';

/** Brings it about on a host; false where it cannot happen now. It ends of itself. */
export type Fault = (host: Host, world: World) => boolean | Promise<boolean>;
