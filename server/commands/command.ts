import { parseArgs } from "node:util";
import { closest } from "../base/closest.ts";
import type { Config } from "../base/config.ts";
import type { Terminal } from "./terminal.ts";

export interface Option {
  /** What the value is, as the usage shows it; an option without one is a switch. */
  readonly value?: string;
  readonly says: string;
  readonly fallback?: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly (readonly [line: string, says: string])[];
  /** True when what was asked for is so; false ends the process with 1. */
  run(call: Call): Promise<boolean>;
}

export interface Call {
  readonly values: Values;
  readonly config: Config;
  readonly terminal: Terminal;
  /** Somebody wants us to stop: Ctrl-C, or a supervisor. */
  readonly signal: AbortSignal;
}

export type Values = Readonly<Record<string, string | true | undefined>>;

/** Of every command that answers with something. */
export const json: Option = { says: "One JSON object on standard output." };

/** The command line is wrong: said in a sentence, exit code 2, nothing was done. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** How a command is called, and with what. */
export interface Usage extends Pick<Command, "name" | "summary" | "options" | "examples"> {
  /** What stands before the name. */
  readonly program?: string;
  /** What comes before the options. */
  readonly takes?: string;
  /** What that can be, where there is a list of it. */
  readonly names?: Readonly<Record<string, string>>;
}

const callOf = ({ program = "zerorace", name }: Usage): string => `${program} ${name}`;

export function readValues(usage: Usage, args: readonly string[]): Values {
  const { options } = usage;
  const known = new Map(Object.entries({ ...options, help }));
  const types = [...known].map(([option, { value }]) => {
    const type = value === undefined ? ("boolean" as const) : ("string" as const);
    return [option, { type, ...(option === "help" && { short: "h" }) }] as const;
  });
  const parsed = parseArgs({
    args: [...args],
    options: Object.fromEntries(types),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | true> = {};
  for (const token of parsed.tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw new UsageError(`${callOf(usage)} takes no argument "${token.value}".`);
    }
    const option = known.get(token.name);
    if (option === undefined) throw unknownOption(usage, token, [...known.keys()]);
    if (option.value === undefined && token.value !== undefined) {
      throw new UsageError(`--${token.name} is a switch and takes no value.`);
    }
    // A dash begins the next option, but before a digit: what is wrong with -1 is said by who reads it.
    const missing =
      token.value === undefined || (!token.inlineValue && /^-(?!\d)/.test(token.value));
    if (option.value !== undefined && missing) {
      throw new UsageError(`--${token.name} needs a value: --${token.name} ${option.value}.`);
    }
    values[token.name] = token.value ?? true;
  }
  return values;
}

const help: Option = { says: "Show this." };

function unknownOption(
  usage: Usage,
  { name, rawName }: { name: string; rawName: string },
  known: readonly string[],
): UsageError {
  const meant = closest(name, known);
  const hint = meant === undefined ? `see ${callOf(usage)} --help` : `did you mean --${meant}?`;
  return new UsageError(`${callOf(usage)} has no option ${rawName}: ${hint}`);
}

/** The value of an option that counts something. */
export function wholeNumber(
  { values, option, fallback }: { values: Values; option: string; fallback: number },
  min: number,
  max: number,
): number {
  const text = values[option];
  if (typeof text !== "string") return fallback;
  const plain = text.replaceAll(/(?<=\d)[_,](?=\d{3}(\D|$))/g, "");
  const value = Number(plain);
  if (/^\d{1,15}$/.test(plain) && value >= min && value <= max) return value;
  throw new UsageError(`--${option} must be a whole number from ${min} to ${max}, not "${text}".`);
}

export function share(values: Values, option: string, fallback: number): number {
  const text = values[option];
  if (typeof text !== "string") return fallback;
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value <= 1) return value;
  throw new UsageError(`--${option} must be a share from 0 to 1, as in 0.05, not "${text}".`);
}

export function helpOf(usage: Usage): string {
  const { program = "zerorace", takes, names, summary, options, examples } = usage;
  const rows = Object.entries({ ...options, help }).map(([option, { value, says, fallback }]) => {
    const left = `--${option}${value === undefined ? "" : ` ${value}`}`;
    return [left, fallback === undefined ? says : `${says} Default: ${fallback}.`] as const;
  });
  return [
    summary,
    "",
    `Usage: ${callOf(usage)}${takes === undefined ? "" : ` ${takes}`}${rows.length > 1 ? " [options]" : ""}`,
    "",
    ...(names ? ["Names:", ...twoColumns(Object.entries(names)), ""] : []),
    "Options:",
    ...twoColumns(rows),
    "",
    "Examples:",
    ...twoColumns(examples.map(([line, says]) => [`${program} ${line}`, says] as const)),
    "",
  ].join("\n");
}

export function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
