import { UsageError, type Values } from "./command.ts";

const secondsOf = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds of `30s`, `15m`, `24h`, `7d`; undefined for anything else. */
export function secondsIn(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count === undefined
    ? undefined
    : Number(count) * secondsOf[unit as keyof typeof secondsOf];
}

/** The value of an option that says how long. */
export function lasting(values: Values, option: string, fallback: string): number {
  const text = values[option];
  const seconds = secondsIn(typeof text === "string" ? text : fallback);
  if (seconds !== undefined) return seconds;
  throw new UsageError(
    `--${option} must be a time as in 30s, 15m, 24h or 7d, not "${String(text)}".`,
  );
}
