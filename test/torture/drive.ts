import { setTimeout as pause } from 'node:timers/promises';
import { TokenwardError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import { fingerprintOf } from '../../src/platform/fingerprint.ts';
import type { Court } from './court.ts';
import type { Life } from './life.ts';
import type { Site } from './site.ts';
import type { Witness } from './witness.ts';

export interface Drive {
  readonly site: Site;
  readonly court: Court;
  readonly life: Life;
}

/** Milliseconds before an agent that could not be refreshed is asked again. */
const breathMs = 50;

/** Lets the agent rotate without a pause until the life is over, or until it has rotated so many times. Enrols it where that is needed. */
export async function drive(context: Drive, witness: Witness, rotations = Infinity): Promise<void> {
  let left = rotations;
  while (left > 0 && !context.life.over.aborted) {
    try {
      left -= await step(context, witness);
    } catch (error) {
      if (!(error instanceof TokenwardError)) throw error;
      // the status will tell what it was; a killed daemon tells nothing any more
      await pause(breathMs);
    }
  }
}

/** Resolves to how many rotations came of it, none or one. */
async function step({ site, court }: Drive, witness: Witness): Promise<number> {
  const { client } = site;
  const status = await client.status(witness.name);
  court.heard(witness, status);
  switch (status.secret.status) {
    case 'lost':
      court.heardLost(witness, status);
      await enrol(site, witness);
      return 0;
    case 'absent':
    case 'refused':
      await enrol(site, witness);
      return 0;
    case 'held':
    case 'pending':
    case 'in_doubt':
      court.heard(witness, await client.refresh(witness.name));
      return 1;
    case 'memory_only':
    case 'unreachable':
    case 'blocked':
      await pause(breathMs);
      return 0;
  }
}

/** A new secret from the server; the one before, if any, is revoked there. */
async function enrol({ emulator, client }: Site, witness: Witness): Promise<void> {
  if (witness.handedOver !== null) emulator.revoke(witness.name);
  const text = emulator.createSecret(witness.name);
  const handedOver = { fingerprint: fingerprintOf(text), acknowledged: false };
  witness.handedOver = handedOver;
  await client.handOver(witness.name, new Secret(text), 0);
  handedOver.acknowledged = true;
}
