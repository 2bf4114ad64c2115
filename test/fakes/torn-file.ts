/**
 * What a power cut may leave of a file that was written and not synced. A disk writes sectors of 512 bytes, each as a whole,
 * in any order, and the file's length on its own: so the file ends at any border of a sector up to its new end, and of each
 * sector below that end the new bytes are there or the old ones (zeros where nothing was before).
 *
 * Up to {@link exhaustiveSectors} sectors every such state is listed: every length times every set of missing sectors. In a
 * longer file (the dummies of the pre-flight, 65 and 96 KiB) the number would explode without telling anything new, because
 * nobody may ever look into an unsynced file: there the lengths of no, one, half of, all but one and all sectors are listed,
 * and at full length no sector, all but the first, all but the middle one, and all but the last.
 */

export const sectorBytes = 512;

/** A record of a rotation takes one to three sectors. */
const exhaustiveSectors = 4;

/** A length in unsynced sectors, and which of them hold the new bytes. */
interface Tear {
  readonly sectors: number;
  readonly arrived: (sector: number) => boolean;
}

/** `choose(n)` picks 0..n-1 of the states: 0 = the durable bytes, the last = everything arrived. */
export function survivingContents(
  durable: Uint8Array,
  live: Uint8Array,
  choose: (options: number) => number,
): Uint8Array {
  if (durable === live || live.length === durable.length) return live;
  const first = Math.floor(durable.length / sectorBytes);
  const count = Math.ceil(live.length / sectorBytes) - first;
  const tears = count <= exhaustiveSectors ? everyTear(count) : someTears(count);
  const tear = tears[choose(tears.length)];
  return tear === undefined ? durable : torn(durable, live, first, tear);
}

function everyTear(count: number): Tear[] {
  const lengths = Array.from({ length: count + 1 }, (_, sectors) => sectors);
  return lengths.flatMap((sectors) =>
    Array.from({ length: 2 ** sectors }, (_, set) => ({
      sectors,
      arrived: (sector: number) => ((set >> sector) & 1) === 1,
    })),
  );
}

function someTears(count: number): Tear[] {
  const middle = Math.floor(count / 2);
  return [
    ...[0, 1, middle, count - 1].map((sectors) => ({ sectors, arrived: () => true })),
    { sectors: count, arrived: () => false },
    ...[0, middle, count - 1].map((lost) => ({
      sectors: count,
      arrived: (sector: number) => sector !== lost,
    })),
    { sectors: count, arrived: () => true },
  ];
}

function torn(durable: Uint8Array, live: Uint8Array, first: number, { sectors, arrived }: Tear): Uint8Array {
  if (sectors === 0) return durable;
  const bytes = Buffer.alloc(Math.min((first + sectors) * sectorBytes, live.length));
  bytes.set(durable.subarray(0, bytes.length));
  for (let sector = 0; sector < sectors; sector += 1) {
    if (!arrived(sector)) continue;
    const from = (first + sector) * sectorBytes;
    bytes.set(live.subarray(from, Math.min(from + sectorBytes, bytes.length)), from);
  }
  return bytes;
}
