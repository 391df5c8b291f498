const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after the attempt before it each one is made: ten in a little over three days. */
const pauses = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

const longestMs = 24 * hour;
const jitter = 0.2;

/**
 * When to try again after so many failed attempts; undefined after the last one. A receiver that says
 * when it wants to be asked again is not asked sooner. Jitter keeps what failed together apart.
 */
export function pauseMs(
  failed: number,
  luck: number,
  retryAfterMs: number | undefined,
): number | undefined {
  const pause = pauses[failed];
  if (pause === undefined) return undefined;
  const jittered = pause * (1 - jitter + 2 * jitter * luck);
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, longestMs));
}

/** `Retry-After` in seconds or as a date; undefined when there is none that says something. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * second;
  const at = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
