/** What the emulator is given instead of taking it: a test moves the clock, a seed makes every credential repeatable. */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EmulatorClock = () => number;

/** That many random bytes. */
export type EmulatorRandom = (count: number) => Uint8Array;

/** The text of a credential of `bytes` random bytes: URL-safe, without padding. */
export function randomText(random: EmulatorRandom, bytes: number): string {
  return Buffer.from(random(bytes)).toString('base64url');
}
