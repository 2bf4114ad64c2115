import type { TokenFileMeter } from '../../src/platform/metrics/token-file-metrics.ts';

/** A meter that tells what it was told. */
export class TokenFileCounts implements TokenFileMeter {
  writes = 0;
  failures = 0;
  tamperings = 0;

  written(): void {
    this.writes += 1;
  }

  failed(): void {
    this.failures += 1;
  }

  tampered(): void {
    this.tamperings += 1;
  }
}
