import { networkOf, type Network } from "./address.ts";
import { weaknessOf } from "./weak-secret.ts";

/** How settings are read from text. */

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parser<T> {
  /** For the reference page: what a value looks like. */
  readonly form: string;
  /** The same as JSON Schema, for what stands in a YAML file: the chart's values. */
  readonly schema: JsonSchema;
  /** Throws an Error that completes the sentence "NAME …". */
  parse(text: string): T;
}

export function integer(min: number, max: number): Parser<number> {
  const form = `a whole number from ${min} to ${max}`;
  return {
    form,
    schema: { type: "integer", minimum: min, maximum: max },
    parse(text) {
      const value = Number(text);
      // Number() alone would admit "1e3", "0x10" and " 7 ".
      if (!/^\d{1,15}$/.test(text) || value < min || value > max) {
        throw new Error(`must be ${form}, not ${JSON.stringify(text)}`);
      }
      return value;
    },
  };
}

export function oneOf<const T extends string>(allowed: readonly T[]): Parser<T> {
  const form = `one of ${allowed.join(", ")}`;
  return {
    form,
    schema: { enum: allowed.flatMap(asYamlReads) },
    parse(text) {
      const found = allowed.find((value) => value === text);
      if (found === undefined) throw new Error(`must be ${form}, not ${JSON.stringify(text)}`);
      return found;
    },
  };
}

/** Without quotes `on` is a truth value to YAML, and `0` a number. */
function asYamlReads(value: string): readonly unknown[] {
  if (value === "on" || value === "off") return [value, value === "on"];
  return /^\d+$/.test(value) ? [value, Number(value)] : [value];
}

/** Text of one form, in the parser and in its schema. */
const textLike = (pattern: RegExp): JsonSchema => ({ type: "string", pattern: pattern.source });

export function name(): Parser<string> {
  const form = "3 to 100 letters, digits, dots, dashes and underscores";
  const pattern = /^[A-Za-z0-9._-]{3,100}$/;
  return {
    form,
    schema: textLike(pattern),
    parse(text) {
      if (!pattern.test(text)) throw new Error(`must be ${form}`);
      return text;
    },
  };
}

export function path(): Parser<string> {
  return {
    form: "a path",
    schema: { type: "string", minLength: 1 },
    parse(text) {
      if (text.includes("\0")) throw new Error("must be a path");
      return text;
    },
  };
}

export function hostName(): Parser<string> {
  const form = "a host name or an IP address";
  const pattern = /^[A-Za-z0-9.:-]{1,253}$/;
  return {
    form,
    schema: textLike(pattern),
    parse(text) {
      if (!pattern.test(text)) throw new Error(`must be ${form}`);
      return text;
    },
  };
}

export function webAddress(): Parser<string> {
  const form = "https://host, without a path";
  return {
    form,
    schema: textLike(/^https?:\/\/[^/?#@]+\/?$/),
    parse(text) {
      const url = URL.parse(text);
      const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
      if (!isWeb || url.pathname !== "/" || url.search + url.hash + url.username !== "") {
        throw new Error(`must look like ${form}`);
      }
      return url.origin;
    },
  };
}

/** Complaints never quote the value: it holds a password. */
export function databaseUrl(): Parser<string> {
  const form = "postgres://user:password@host:port/database";
  return {
    form,
    schema: textLike(/^postgres(ql)?:\/\/[^/]+\/./),
    parse(text) {
      const url = URL.parse(text);
      const isPostgres = url?.protocol === "postgres:" || url?.protocol === "postgresql:";
      if (!isPostgres || url.hostname === "" || url.pathname.length < 2) {
        throw new Error(`must look like ${form}`);
      }
      return text;
    },
  };
}

export function redisUrl(): Parser<string> {
  const form = "redis://user:password@host:port";
  return {
    form,
    schema: textLike(/^rediss?:\/\/./),
    parse(text) {
      const url = URL.parse(text);
      const isRedis = url?.protocol === "redis:" || url?.protocol === "rediss:";
      if (!isRedis || url.hostname === "") throw new Error(`must look like ${form}`);
      return text;
    },
  };
}

export function webUrl(): Parser<string> {
  const form = "http://host:port";
  return {
    form,
    schema: textLike(/^https?:\/\/./),
    parse(text) {
      const url = URL.parse(text);
      if (url?.protocol !== "http:" && url?.protocol !== "https:") {
        throw new Error(`must look like ${form}`);
      }
      return text;
    },
  };
}

/** An address or a network: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. */
export function network(): Parser<Network> {
  const form = "an address or a network as in 10.0.0.0/8";
  return {
    form,
    schema: textLike(/^[0-9A-Fa-f.:]+(\/[0-9]{1,3})?$/),
    parse(text) {
      const found = networkOf(text);
      if (!found) throw new Error(`must be ${form}, not ${JSON.stringify(text)}`);
      return found;
    },
  };
}

export function listOf<T>(one: Parser<T>): Parser<readonly T[]> {
  return {
    form: `a list with commas: each ${one.form}`,
    schema: { type: ["array", "string"], items: one.schema },
    parse: (text) => text.split(",").map((part) => one.parse(part.trim())),
  };
}

/** Complaints never quote the value. */
export function key256(): Parser<Buffer> {
  const form = "32 bytes in Base64, as `openssl rand -base64 32` prints them";
  return {
    form,
    schema: textLike(/^[A-Za-z0-9_+/-]{43}=?$/),
    parse(text) {
      const key = Buffer.from(text, "base64");
      if (key.length !== 32 || !/^[\w+/-]{43}=?$/.test(text)) throw new Error(`must be ${form}`);
      const weakness = weaknessOf(text);
      if (weakness !== undefined) throw new Error(`${weakness}: it must be drawn at random`);
      return key;
    },
  };
}
