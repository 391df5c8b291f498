/** Times and sizes in a sentence. */

const units = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"],
] as const;

export function span(ms: number): string {
  const [size, word] = units.find(([one]) => ms >= one) ?? [1_000, "second"];
  const count = Math.max(1, Math.floor(ms / size));
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}

export const ago = (ms: number): string => (ms < 1_000 ? "just now" : `${span(ms)} ago`);

const sizes = ["bytes", "kB", "MB", "GB", "TB", "PB"] as const;

export function bytes(count: number): string {
  let rest = count;
  let at = 0;
  while (rest >= 1_000 && at < sizes.length - 1) {
    rest /= 1_000;
    at += 1;
  }
  return `${rest >= 100 || at === 0 ? Math.round(rest) : rest.toFixed(1)} ${sizes[at]}`;
}
