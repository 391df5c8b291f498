import { holdsSecret } from "../base/log.ts";
import type { Fault } from "./problem.ts";
import type { ProblemCode } from "./problem-codes.ts";

export interface JsonFault extends Fault {
  readonly code: ProblemCode;
}

export interface Json {
  readonly value: unknown;
  readonly faults: readonly JsonFault[];
}

const depthMax = 32;
const elementsMax = 1_000;
const propertiesMax = 200;

interface Frame {
  /** The keys so far; undefined for an array. */
  readonly keys: string[] | undefined;
  /** Many keys are looked up, few are compared. */
  seen: Set<string> | undefined;
  count: number;
}

const char = {
  quote: 34,
  comma: 44,
  minus: 45,
  nine: 57,
  openArray: 91,
  backslash: 92,
  closeArray: 93,
  openObject: 123,
  closeObject: 125,
} as const;

/**
 * Reads JSON and finds what JSON.parse passes over in silence: keys that stand twice, numbers that
 * a float rounds, what is too deep or too long, strings that no database stores. Throws a
 * SyntaxError for what is no JSON; so the scan, one pass, knows that its text is well formed.
 */
export function readJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  return { value, faults: new Scan(text).run() };
}

class Scan {
  readonly #text: string;
  readonly #faults: JsonFault[] = [];
  readonly #frames: Frame[] = [];
  #top: Frame | undefined;
  #at = 0;
  /** The string that comes next in an object is a key. */
  #wantsKey = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): readonly JsonFault[] {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === char.quote) this.#string();
      else if (code === char.comma) this.#next();
      else if (code === char.openObject || code === char.openArray) {
        if (!this.#open(code === char.openObject)) break;
      } else if (code === char.closeObject || code === char.closeArray) this.#close();
      else if (code === char.minus || (code > 47 && code <= char.nine)) this.#number();
      else this.#at++;
    }
    return this.#faults;
  }

  /** False at the depth where looking on would be work for an attacker. */
  #open(isObject: boolean): boolean {
    this.#value();
    if (this.#frames.length >= depthMax) {
      this.#fault("TOO_DEEP", `is nested deeper than ${depthMax}`);
      return false;
    }
    this.#top = { keys: isObject ? [] : undefined, seen: undefined, count: 0 };
    this.#frames.push(this.#top);
    this.#wantsKey = isObject;
    this.#at++;
    return true;
  }

  #close(): void {
    this.#frames.pop();
    this.#top = this.#frames.at(-1);
    this.#wantsKey = false;
    this.#at++;
  }

  #next(): void {
    this.#wantsKey = this.#top?.keys !== undefined;
    this.#at++;
  }

  /** An element of an array begins. */
  #value(): void {
    const top = this.#top;
    if (top === undefined || top.keys !== undefined) return;
    top.count++;
    if (top.count === elementsMax + 1) {
      this.#fault("TOO_MANY_ITEMS", `has more than ${elementsMax} elements`, this.#parent());
    }
  }

  #string(): void {
    const text = this.#text;
    const start = this.#at;
    let end = text.indexOf('"', start + 1);
    let escaped = text.charCodeAt(end - 1) === char.backslash;
    while (escaped && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    let content = text.slice(start + 1, end);
    escaped ||= content.includes("\\");
    if (escaped) content = JSON.parse(text.slice(start, end + 1)) as string;
    this.#at = end + 1;
    const isKey = this.#wantsKey;
    if (isKey) this.#key(content);
    else this.#value();
    if (escaped && (content.includes("\0") || !content.isWellFormed())) {
      const what = isKey ? "has a name with" : "holds";
      this.#fault("INVALID_CHARACTER", `${what} a NUL or half of a surrogate pair`);
    }
    if (holdsSecret(content) && (isKey || !this.#isLink(content))) {
      this.#fault("API_KEY_IN_BODY", "holds an API key or a token: revoke it");
    }
  }

  /** The token of a link stands in a body under this name only: who follows the link sends it there. */
  #isLink(content: string): boolean {
    return content.startsWith("zrl_") && this.#top?.keys?.at(-1) === "token";
  }

  #key(key: string): void {
    this.#wantsKey = false;
    const top = this.#top;
    if (top?.keys === undefined) return;
    const { keys } = top;
    const twice = top.seen === undefined ? keys.includes(key) : top.seen.has(key);
    keys.push(key);
    if (twice) this.#fault("DUPLICATE_KEY", "stands twice in its object");
    if (key === "__proto__") this.#fault("UNKNOWN_PROPERTY", "is not a property of this object");
    top.count++;
    if (top.count === propertiesMax + 1) {
      this.#fault("TOO_MANY_ITEMS", `has more than ${propertiesMax} properties`, this.#parent());
    }
    if (top.seen !== undefined) top.seen.add(key);
    else if (keys.length > 16) top.seen = new Set(keys);
  }

  #number(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    let whole = true;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code > 47 && code <= char.nine) continue;
      // A fraction, an exponent or its sign; anything else ends a well-formed number.
      if (code !== 46 && code !== 101 && code !== 69 && code !== 43 && code !== char.minus) break;
      whole = false;
    }
    this.#at = end;
    this.#value();
    const short = whole && end - start < 16;
    if (short && !(end - start === 2 && text.charCodeAt(start) === char.minus)) return;
    if (!isExactInteger(text.slice(start, end))) {
      this.#fault("NUMBER_NOT_EXACT", "is not an integer that a JSON number carries exactly");
    }
  }

  #fault(code: ProblemCode, detail: string, pointer = this.#pointer()): void {
    this.#faults.push({ pointer, code, detail });
  }

  #pointer(): string {
    return pointerOf(this.#frames.map(stepOf));
  }

  #parent(): string {
    return pointerOf(this.#frames.slice(0, -1).map(stepOf));
  }
}

const stepOf = ({ keys, count }: Frame): string | number => keys?.at(-1) ?? Math.max(0, count - 1);

/** The quote at `end` is part of the string when an odd number of backslashes stands before it. */
function isEscaped(text: string, end: number): boolean {
  let at = end - 1;
  while (text.charCodeAt(at) === char.backslash) at--;
  return (end - 1 - at) % 2 === 1;
}

/** `1.0` and `1e3` are integers, written oddly; `1.0000000000000001` is one only after rounding. */
function isExactInteger(token: string): boolean {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  if (digits === "") return sign === "";
  const significant = digits.replace(/0+$/, "");
  const zeros = Number(exponent) - fraction.length + digits.length - significant.length;
  return zeros >= 0 && significant.length + zeros <= 16 && Number.isSafeInteger(Number(token));
}

/** RFC 6901. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
