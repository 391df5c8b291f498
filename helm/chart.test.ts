import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse, parseDocument } from "yaml";
import { settings } from "../server/base/settings.ts";
import { readVersion } from "../server/base/version.ts";
import { chartFiles } from "./files.ts";
import { ownedSettings } from "./owned-settings.ts";
import { valuesSchema } from "./schema.ts";

/** What can be tested of the chart without anything that renders it. */

const top = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(`${top}${path}`, "utf8");
/** As Helm reads YAML: `on` is true. */
const yaml = (text: string): Record<string, unknown> =>
  parse(text, { version: "1.1" }) as Record<string, unknown>;
const values = yaml(read("helm/values.yaml"));
const examples = readdirSync(`${top}helm/examples`);
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(valuesSchema());

function complaintsAbout(given: unknown): readonly string[] {
  validate(given);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, params.additionalProperty].filter(Boolean).join(" "),
  );
}

it("is what the repository shows (else: npm run generate)", () => {
  for (const [path, text] of chartFiles()) expect(read(path), path).toBe(text);
});

it("is of the version of the program", () => {
  const chart = yaml(read("helm/Chart.yaml"));
  expect(chart).toMatchObject({ version: readVersion(), appVersion: readVersion() });
});

it("brings the images along that compose has", () => {
  const { services } = yaml(read("docker-compose.yml")) as {
    services: Record<string, { image: string }>;
  };
  const tag = (image?: string): string | undefined => image?.split("@")[0];
  const bundled = values.bundled as Record<string, { image: string }>;
  const names = { postgres: "db", redis: "redis", dynamodb: "dynamodb" };
  for (const [ours, theirs] of Object.entries(names)) {
    expect(tag(bundled[ours]?.image), ours).toBe(tag(services[theirs]?.image));
  }
});

it("has values and examples that keep to its schema, and no key is written twice", () => {
  expect(complaintsAbout(values)).toEqual([]);
  expect(examples.length).toBeGreaterThanOrEqual(5);
  for (const name of examples) {
    const text = read(`helm/examples/${name}`);
    expect(parseDocument(text, { version: "1.1", uniqueKeys: true }).errors, name).toEqual([]);
    expect(complaintsAbout(yaml(text)), name).toEqual([]);
    expect(text, `${name} says what it is for`).toMatch(/^# [A-Z]/);
  }
});

it("has a default for all that its schema knows, and a comment or a plain name for each", () => {
  type Schema = { properties?: Record<string, Schema> };
  const lacking = (schema: Schema, value: unknown, path: string): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
      const at = `${path}.${name}`;
      const isObject = typeof value === "object" && value !== null;
      if (!isObject || !Object.hasOwn(value, name)) return [at];
      return lacking(inner, (value as Record<string, unknown>)[name], at);
    });
  const optional = /^\.global$|^\.settings\.|resources\.(requests|limits|claims)/;
  const all = lacking(valuesSchema() as Schema, values, "");
  expect(all.filter((path) => !optional.test(path))).toEqual([]);
});

describe("what is written wrong is refused", () => {
  it.each([
    ["a name that there is not", { servr: {} }, "must NOT have additional properties servr"],
    ["a setting that there is not", { settings: { ZERORACE_LANE: 4 } }, "ZERORACE_LANE"],
    ["a setting that is too large", { settings: { ZERORACE_LANES: 65 } }, "must be <= 64"],
    ["a setting of another kind", { settings: { ZERORACE_LANES: "many" } }, "must be integer"],
    ["a word that is not one", { settings: { ZERORACE_LOG_LEVEL: "loud" } }, "allowed values"],
    ["an address with a path", { publicUrl: "https://shop.example.com/x" }, "/publicUrl"],
    ["a host that is an address", { ingress: { host: "https://shop.example" } }, "/ingress/host"],
    ["a tag that YAML made a number", { image: { tag: 1.1 } }, "/image/tag must be string"],
    ["no server", { server: { replicas: 0 } }, "/server/replicas must be >= 1"],
    ["another database", { database: { mode: "mysql" } }, "/database/mode"],
    ["a database's address without a database", { database: { url: "db:5432" } }, "/database/url"],
    ["storage without a unit's sign", { bundled: { redis: { storage: "much" } } }, "/storage"],
  ])("%s", (_, given, says) => {
    expect(complaintsAbout(given).join("\n")).toContain(says);
  });
});

describe("settings", () => {
  it("are all in the schema: to be set, or with where else it is said", () => {
    const { properties } = valuesSchema() as {
      properties: { settings: { properties: Record<string, { description: string }> } };
    };
    const known = properties.settings.properties;
    const names = Object.values(settings).map(({ name }) => name);
    expect(Object.keys(known).toSorted()).toEqual(names.toSorted());
    for (const name of Object.keys(ownedSettings)) expect(names).toContain(name);
    for (const name of names) expect(known[name]?.description.length, name).toBeGreaterThan(10);
  });

  it("have a default that their own schema takes, as YAML reads it", () => {
    for (const { name, fallback } of Object.values(settings)) {
      if (fallback === undefined || ownedSettings[name] !== undefined) continue;
      const given = (parse(`x: ${fallback}`, { version: "1.1" }) as { x: unknown }).x;
      expect(complaintsAbout({ settings: { [name]: given } }), name).toEqual([]);
    }
  });

  it("that are given as YAML are as the server's parser has them", () => {
    const refused: string[] = [];
    for (const { name, parser } of Object.values(settings)) {
      const {
        minimum,
        maximum,
        enum: words,
      } = parser.schema as {
        minimum?: number;
        maximum?: number;
        enum?: unknown[];
      };
      for (const bound of [minimum, maximum]) {
        if (bound !== undefined) expect(() => parser.parse(String(bound)), name).not.toThrow();
      }
      for (const word of words ?? []) {
        const text = typeof word === "boolean" ? (word ? "on" : "off") : String(word);
        try {
          parser.parse(text);
        } catch {
          refused.push(`${name}=${text}`);
        }
      }
    }
    expect(refused).toEqual([]);
  });
});
