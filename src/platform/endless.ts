/** For calls that have a deadline of their own, and that nobody gives up before it. */
export function endless(): AbortSignal {
  return new AbortController().signal;
}
