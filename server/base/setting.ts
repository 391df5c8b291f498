import type { Parser } from "./parsers.ts";

export interface Setting<T, Fallback extends string | undefined = string | undefined> {
  readonly name: string;
  readonly parser: Parser<T>;
  /** As one would write it; undefined when the setting may stay unset. */
  readonly fallback: Fallback;
  readonly says: string;
  /** Never shown, and may come from the file that `…_FILE` names. */
  readonly secret: boolean;
}

export function setting<T>(
  name: string,
  parser: Parser<T>,
  fallback: string,
  says: string,
): Setting<T, string> {
  return { name, parser, fallback, says, secret: false };
}

/** One that may stay unset. */
export function optional<T>(name: string, parser: Parser<T>, says: string): Setting<T, undefined> {
  return { name, parser, fallback: undefined, says, secret: false };
}

export function secret<T>(name: string, parser: Parser<T>, says: string): Setting<T, undefined> {
  return { name, parser, fallback: undefined, says, secret: true };
}
