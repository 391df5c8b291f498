import { STATUS_CODES } from "node:http";
import type { z } from "zod";
import { assert } from "../base/assert.ts";
import { ProblemResponses, problemExamples, problemsOf } from "./openapi-problems.ts";
import { Schemas } from "./openapi-schemas.ts";
import type { Media, OpenApi, Operation, Parameter, Response } from "./openapi-types.ts";
import { problemView } from "./wire.ts";
import type { Route } from "./route.ts";
import { id } from "./shapes.ts";
import { headers, info, schemes, tagOfSegment, tags } from "./openapi-words.ts";

/** The table of routes as an OpenAPI 3.1 document. */
export function openapiOf(routes: readonly Route[]): OpenApi {
  const schemas = new Schemas();
  const problems = new ProblemResponses();
  schemas.write(problemView, "output");
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method] = operationOf(route, schemas, problems);
  }
  const used = new Set(routes.map(tagOf));
  const components = {
    schemas: sorted(schemas.components),
    responses: sorted(problems.components),
    examples: problemExamples(),
    headers,
    securitySchemes: Object.fromEntries(schemes.map((one) => [one.name, one.definition])),
  };
  return {
    openapi: "3.1.1",
    info,
    servers: [{ url: "/", description: "Where this document comes from." }],
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    components,
  };
}

function operationOf(route: Route, schemas: Schemas, problems: ProblemResponses): Operation {
  const { summary, says, body, file } = route.about;
  const parameters = parametersOf(route, schemas);
  return {
    operationId: operationIdOf(summary),
    summary,
    ...(says !== undefined && { description: says }),
    tags: [tagOf(route)],
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: contentOf(schemas, body, "input") },
    }),
    ...(file && { requestBody: { required: true, content: contentOfFile(file) } }),
    responses: {
      ...answersOf(route, schemas),
      ...problems.of(problemsOf(route)),
    },
  };
}

const articles = new Set(["a", "an", "the", "its", "one", "of", "by"]);

/** "Set an item's price" is `setItemPrice`. */
export function operationIdOf(summary: string): string {
  const words = summary.replaceAll("'s", "").split(/[^A-Za-z0-9]+/);
  const [verb = "", ...rest] = words.filter((word) => word !== "" && !articles.has(word));
  const more = rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return [verb.toLowerCase(), ...more].join("");
}

/** The noun: what stands after /v1/. */
function tagOf({ path }: Route): string {
  const noun = /^\/v1\/([^/]+)/.exec(path)?.[1];
  if (noun !== undefined) return tagOfSegment[noun] ?? noun;
  return /^\/(livez|readyz)$/.test(path) ? "server" : "reference";
}

/** By any of the ways in which a caller may show that it has the scope. */
function securityOf({ needs, method, path }: Route): Operation["security"] {
  if (needs === "nothing") return [];
  const able = schemes.filter((scheme) => scheme.scopes.includes(needs));
  assert(able.length > 0, `somebody can show the scope that ${method} ${path} needs`);
  return able.map(({ name }) => ({ [name]: [needs] }));
}

function parametersOf({ path, about }: Route, schemas: Schemas): Parameter[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]): Parameter => ({
    name,
    in: "path",
    required: true,
    schema: schemas.write(about.params?.[name] ?? id, "output").schema,
  }));
  const inQuery = Object.entries(about.query?.shape ?? {}).map(([name, shape]): Parameter => {
    const { schema, examples } = schemas.write(shape as z.ZodType, "output");
    const { description, ...rest } = schema;
    const [example] = examples;
    const required = !(shape as z.ZodType).safeParse(undefined).success;
    return {
      name,
      in: "query",
      ...(required && { required }),
      ...(description !== undefined && { description }),
      schema: rest,
      ...(typeof example === "string" && { example }),
    };
  });
  const inHeader = about.key === undefined ? [] : [keyParameter(about.key)];
  return [...inPath, ...inQuery, ...inHeader];
}

function keyParameter(key: "required" | "optional" | "in header or body"): Parameter {
  const or: Record<typeof key, string> = {
    required: "",
    optional: " Without one nothing can be sent again.",
    "in header or body": " Without the header, `idempotencyKey` in the body counts.",
  };
  return {
    name: "Idempotency-Key",
    in: "header",
    required: key === "required",
    description: `Unique for what is meant. The same key and body again: the same answer, and nothing is done twice.${or[key]}`,
    schema: { type: "string", pattern: "^[!-~]{1,255}$" },
    example: "order-1",
  };
}

function answersOf({ about, limit }: Route, schemas: Schemas): Record<string, Response> {
  const answers = Object.entries(about.answers).map(([status, shape]) => {
    const names = [
      "Request-Id",
      ...(about.key ? ["Idempotent-Replayed"] : []),
      ...(limit === "none" ? [] : ["RateLimit-Policy", "RateLimit"]),
    ];
    const sent = names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
    const content = {
      ...(typeof shape === "string" ? plain(shape) : contentOf(schemas, shape, "output")),
      ...(about.csv && status === "200" && plain("text/csv")),
    };
    const answer = {
      description: describe(shape) ?? STATUS_CODES[status] ?? "",
      headers: Object.fromEntries(sent),
      ...(shape !== "" && { content }),
    };
    return [status, answer] as const;
  });
  return Object.fromEntries(answers);
}

const plain = (mediaType: string) => ({ [mediaType]: { schema: { type: "string" } } });

function describe(shape: z.ZodType | string): string | undefined {
  return typeof shape === "string" ? undefined : shape.description;
}

function contentOf(
  schemas: Schemas,
  shape: z.ZodType,
  io: "input" | "output",
): Record<string, Media> {
  const { schema, examples } = schemas.write(shape, io);
  const named = examples.map((value, at) => [`example${at + 1}`, { value }] as const);
  return {
    "application/json": {
      schema,
      ...(named.length > 0 && { examples: Object.fromEntries(named) }),
    },
  };
}

function contentOfFile({ mediaType, says, example }: NonNullable<Route["about"]["file"]>) {
  const schema = { type: "string", description: says };
  return { [mediaType]: { schema, examples: { example1: { value: example } } } };
}

function sorted<Part>(all: Readonly<Record<string, Part>>): Record<string, Part> {
  return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
