import { readFileSync } from "node:fs";
import { closest } from "./closest.ts";
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

/** Anything wrong with the settings: all of it at once, so that a start is corrected once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly complaints: readonly string[];

  constructor(complaints: readonly string[]) {
    super(`The settings are not right:\n${complaints.map((line) => `  - ${line}`).join("\n")}`);
    this.complaints = complaints;
  }
}

export type Env = Readonly<Record<string, string | undefined>>;

/** The one place that reads the process's environment; everyone else is given a Config. */
export function environment(): Env {
  return process.env;
}

type Settings = typeof settings;
type ValueOf<S> =
  S extends Setting<infer T, infer Fallback>
    ? Fallback extends string
      ? T
      : T | undefined
    : never;
export type Config = { readonly [Key in keyof Settings]: ValueOf<Settings[Key]> };

/** A shell in which somebody calls the API is also the one for commands: this is not ours to read. */
const namesOfClients: readonly string[] = ["ZERORACE_API_KEY"];

export function readConfig(env: Env): Config {
  const complaints: string[] = [];
  const known = new Set(namesOfClients);
  const config: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(settings) as [string, Setting<unknown>][]) {
    known.add(row.name);
    if (row.secret) known.add(`${row.name}_FILE`);
    try {
      const text = textOf(row, env) ?? row.fallback;
      config[key] = text === undefined ? undefined : row.parser.parse(text);
    } catch (error) {
      complaints.push(`${row.name} ${(error as Error).message}`);
    }
  }
  for (const name of Object.keys(env)) {
    if (!name.startsWith("ZERORACE_") || known.has(name)) continue;
    const meant = closest(name, [...known]);
    complaints.push(`${name} is not a setting${meant ? `: did you mean ${meant}?` : ""}`);
  }
  if (complaints.length > 0) throw new ConfigError(complaints);
  return config as Config;
}

/** An empty value counts as unset: that is what compose files and shells make of a missing one. */
function textOf(row: Setting<unknown>, env: Env): string | undefined {
  const text = env[row.name] || undefined;
  const file = row.secret ? env[`${row.name}_FILE`] || undefined : undefined;
  if (file === undefined) return text;
  if (text !== undefined) throw new Error(`and ${row.name}_FILE are both set: only one may be`);
  try {
    // An editor's last line break is not part of a secret.
    return readFileSync(file, "utf8").trimEnd();
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(`cannot be read from the file that ${row.name}_FILE names (${code})`, {
      cause: error,
    });
  }
}

/** Where a value comes from; "command": what was started found it, as `zerorace up` does. */
export type SettingSource = "default" | "environment" | "file" | "command";

export interface SettingShown {
  readonly name: string;
  readonly value: string;
  readonly says: string;
  readonly source: SettingSource;
}

/** For people: what this process runs with. A secret shows only that it is there. */
export function describeConfig(config: Config, env: Env = {}): SettingShown[] {
  return (Object.entries(settings) as [keyof Config, Setting<unknown>][]).map(([key, row]) => {
    const value = config[key];
    const shown = value === undefined ? "(not set)" : row.secret ? "********" : String(value);
    return { name: row.name, value: shown, says: row.says, source: sourceOf(row, value, env) };
  });
}

function sourceOf(row: Setting<unknown>, value: unknown, env: Env): SettingSource {
  if (env[row.name]) return "environment";
  if (row.secret && env[`${row.name}_FILE`]) return "file";
  const usual = row.fallback === undefined ? undefined : row.parser.parse(row.fallback);
  return String(value) === String(usual) ? "default" : "command";
}
