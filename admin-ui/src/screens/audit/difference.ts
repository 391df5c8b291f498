import { formatNumber, formatTime } from "../../ui/format.ts";

/** One field of what was changed, as words. */
export interface Line {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly isChanged: boolean;
}

type Content = Readonly<Record<string, unknown>> | null;

/** What a change did, field by field; those that it left alone come last. */
export function differenceOf(before: Content, after: Content): Line[] {
  const [was, is] = [flat(before), flat(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  const lines = names.map((name): Line => {
    const [old, now] = [was.get(name), is.get(name)];
    // Beside what was changed an entry may say what it was about: that is not gone.
    const isContext = before !== null && after !== null && now === undefined;
    return { name, before: old, after: now, isChanged: !isContext && old !== now };
  });
  return lines.toSorted((a, b) => Number(b.isChanged) - Number(a.isChanged));
}

function flat(content: Content, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(content ?? {})) {
    const whole = prefix === "" ? nameWords(name) : `${prefix}: ${nameWords(name).toLowerCase()}`;
    if (isObject(value)) for (const [inner, words] of flat(value, whole)) found.set(inner, words);
    else found.set(whole, wordsOf(value));
  }
  return found;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** "capMinor" is "Cap (minor units)", "allowedMerchants" "Allowed merchants". */
function nameWords(name: string): string {
  const isMinor = name.endsWith("Minor");
  const spaced = (isMinor ? name.slice(0, -"Minor".length) : name)
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]/g, " ")
    .toLowerCase();
  const words = `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`;
  return isMinor ? `${words} (minor units)` : words;
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function wordsOf(value: unknown): string {
  if (value === null || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return time.test(value) ? formatTime(value) : value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length === 0 ? "none" : value.map(wordsOf).join(", ");
}
