import type { Parser } from "./parsers.ts";

/** One or more of them with spaces between, as one text. */
export function several(one: Parser<string>): Parser<string> {
  const parts = (text: string): string[] => text.trim().split(/\s+/);
  return {
    form: one.form,
    schema: one.schema,
    parse: (text) =>
      parts(text)
        .map((part) => one.parse(part))
        .join(" "),
  };
}

/** How a host is reached; as text it is what was given. */
class HostAndPort {
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
  }

  toString(): string {
    return `${this.host}:${this.port}`;
  }
}

export function endpoint(): Parser<HostAndPort> {
  const form = "a host name, with :port when it is not 5432";
  const pattern = /^([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?$/;
  return {
    form,
    schema: { type: "string", pattern: pattern.source },
    parse(text) {
      const [, host, port = "5432"] = pattern.exec(text) ?? [];
      if (host === undefined || Number(port) > 65_535) throw new Error(`must be ${form}`);
      return new HostAndPort(host, Number(port));
    },
  };
}

export function roleName(): Parser<string> {
  const form = "a role's name in small letters, digits and _";
  const pattern = /^[a-z_][a-z0-9_]{0,62}$/;
  return {
    form,
    schema: { type: "string", pattern: pattern.source },
    parse(text) {
      if (!pattern.test(text)) throw new Error(`must be ${form}`);
      return text;
    },
  };
}
