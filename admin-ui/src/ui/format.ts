/** Numbers, money and times as the reader's browser writes them. */

/** Making a formatter costs a hundred times what formatting does, and screens have a few kinds of them. */
function kept<Options, Format>(make: (options?: Options) => Format): (options?: Options) => Format {
  const formats = new Map<string, Format>();
  return (options) => {
    const name = options === undefined ? "" : JSON.stringify(options);
    const known = formats.get(name) ?? make(options);
    formats.set(name, known);
    return known;
  };
}

const numbers = kept(
  (options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(undefined, options),
);
const times = kept(
  (options?: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(undefined, options),
);
const spans = kept(
  (options?: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(undefined, options),
);

const digitsOf = new Map<string, number>();

function digits(currency: string): number {
  const known = digitsOf.get(currency);
  if (known !== undefined) return known;
  const found =
    numbers({ style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  digitsOf.set(currency, found);
  return found;
}

/** Exact for any size: the digits are moved as text. */
export function formatMoney(minor: number | string | bigint, currency: string): string {
  return numbers({ style: "currency", currency }).format(decimalOf(minor, currency));
}

/** "19.99", for inputs and for formatters. */
export function decimalOf(minor: number | string | bigint, currency: string): `${number}` {
  const text = String(minor);
  const sign = text.startsWith("-") ? "-" : "";
  const count = digits(currency);
  const whole = text.replace("-", "").padStart(count + 1, "0");
  if (count === 0) return `${sign}${whole}` as `${number}`;
  return `${sign}${whole.slice(0, -count)}.${whole.slice(-count)}` as `${number}`;
}

/** What was typed, "19.99", in minor units; undefined where it is no amount of this currency. */
export function minorOf(text: string, currency: string): number | undefined {
  const count = digits(currency);
  const [, whole = "", part = ""] = /^\s*(\d{1,13})(?:[.,](\d+))?\s*$/.exec(text) ?? [];
  if (whole === "" || part.length > count) return undefined;
  return Number(whole + part.padEnd(count, "0"));
}

export function formatNumber(value: number | bigint, options?: Intl.NumberFormatOptions): string {
  return numbers(options).format(value);
}

export function formatTime(at: string | number | Date): string {
  const options = { dateStyle: "medium", timeStyle: "medium" } as const;
  return times(options).format(new Date(at));
}

const steps = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Infinity],
] as const;

/** "3 minutes ago", "in 2 hours". */
export function formatRelative(at: string | number | Date, now: number): string {
  let amount = (new Date(at).getTime() - now) / 1000;
  if (Math.abs(amount) < 5) return "just now";
  const format = spans({ numeric: "auto" });
  for (const [unit, most] of steps) {
    if (Math.abs(amount) < most) return format.format(Math.round(amount), unit);
    amount /= most;
  }
  return "";
}

/** "15:04:05 UTC" today, with its date on any other day. */
export function formatMoment(at: string | number | Date, now: number): string {
  const when = new Date(at);
  const isToday = when.toDateString() === new Date(now).toDateString();
  const date = isToday ? {} : ({ day: "numeric", month: "short", year: "numeric" } as const);
  const time = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;
  return times({ ...date, ...time }).format(when);
}

/** "3 h 12 min", "2 d 4 h", "9 min 20 s": the two largest units of it. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const units = [
    ["d", Math.floor(seconds / 86_400)],
    ["h", Math.floor(seconds / 3_600) % 24],
    ["min", Math.floor(seconds / 60) % 60],
    ["s", seconds % 60],
  ] as const;
  const at = units.findIndex(([, count]) => count > 0);
  if (at === -1) return "0 s";
  const shown = units.slice(at, at + 2).filter(([, count]) => count > 0);
  return shown.map(([unit, count]) => `${formatNumber(count)} ${unit}`).join(" ");
}

/** "1.2 s", "340 ms", "3 min 5 s". */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${formatNumber(ms, { maximumFractionDigits: ms < 10 ? 1 : 0 })} ms`;
  if (ms < 60_000) return `${formatNumber(ms / 1_000, { maximumFractionDigits: 1 })} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms % 60_000) / 1_000);
  return seconds === 0
    ? `${formatNumber(minutes)} min`
    : `${formatNumber(minutes)} min ${seconds} s`;
}

const sizes = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** "186 MB". */
export function formatBytes(count: number): string {
  const at = Math.min(sizes.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  const unit = sizes[at] ?? "byte";
  const value = count / 1_000 ** at;
  return formatNumber(value, {
    style: "unit",
    unit,
    unitDisplay: at === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 ? 1 : 0,
  });
}
