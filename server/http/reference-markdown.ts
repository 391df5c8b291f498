import { generalProblems } from "./openapi-problems.ts";
import type { JsonSchema, OpenApi, Operation, Response } from "./openapi-types.ts";
import { scopesOfSecurity, typeOf } from "./reference-fields.ts";

/** The OpenAPI document as docs/reference/api.md. */
export function referenceMarkdown(openapi: OpenApi): string {
  const { title = "", summary = "", description = "" } = openapi.info;
  const general = Object.entries(generalProblems).map(
    ([who, codes]) => `- ${who}: ${listed(codes)}.`,
  );
  const parts = [
    `# ${title} API`,
    "Made by `npm run generate` from the table of routes; the same for programs: " +
      "[openapi.json](openapi.json).",
    summary,
    description,
    "Problems that are not named again at each call:",
    general.join("\n"),
  ];
  for (const { name, description: says } of openapi.tags) {
    if (name === "reference") continue;
    parts.push(`## ${name}`, says);
    for (const [path, methods] of Object.entries(openapi.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.tags.includes(name))
          parts.push(...operationOf(openapi, path, method, operation));
      }
    }
  }
  parts.push("## Shapes");
  for (const [name, schema] of Object.entries(openapi.components.schemas)) {
    parts.push(...shapeOf(openapi, name, schema));
  }
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function operationOf(
  openapi: OpenApi,
  path: string,
  method: string,
  operation: Operation,
): string[] {
  const { summary, description = "", security, parameters = [], requestBody } = operation;
  const scopes = scopesOfSecurity(security);
  const inputs: Row[] = parameters.map(
    ({ name, in: place, required, schema, description: says }) => [
      `\`${name}\` (${place})`,
      `${typeOf(openapi.components.schemas, schema)}${required ? ", required" : ""}`,
      says ?? "",
    ],
  );
  const body = requestBody?.content["application/json"]?.schema;
  const isNamed = body?.$ref !== undefined;
  return [
    `### ${summary}`,
    `\`${method.toUpperCase()} ${path}\`${scopes.length > 0 ? ` · scope \`${scopes.join("`, `")}\`` : ""}`,
    description,
    table(inputs),
    body && isNamed ? `Body: ${typeOf(openapi.components.schemas, body)}.` : "",
    body && !isNamed ? table(rowsOf(openapi, body)) : "",
    answersOf(openapi, operation),
    problemsOf(openapi, operation),
  ];
}

function answersOf({ components }: OpenApi, { responses }: Operation): string {
  const good = Object.entries(responses).filter(([status]) => Number(status) < 400);
  const lines = good.map(([status, { description = "", content = {} }]) => {
    const [[type, media] = ["", undefined]] = Object.entries(content);
    const isJson = type === "application/json" && media !== undefined;
    return `- ${status} ${isJson ? typeOf(components.schemas, media.schema) : type}: ${description}`;
  });
  return lines.join("\n");
}

function problemsOf({ components }: OpenApi, { responses }: Operation): string {
  const codes = Object.values(responses).flatMap(({ $ref }: Response) => {
    const found = components.responses[$ref?.split("/").at(-1) ?? ""];
    return Object.values(found?.content ?? {}).flatMap(({ examples = {} }) =>
      Object.keys(examples),
    );
  });
  const special = codes.filter((code) => !everywhere.has(code));
  return special.length === 0 ? "" : `Problems: ${listed(special)}.`;
}

const everywhere: ReadonlySet<string> = new Set(Object.values(generalProblems).flat());

function listed(codes: readonly string[]): string {
  return codes.map((code) => `\`${code}\``).join(", ");
}

function shapeOf(openapi: OpenApi, name: string, schema: JsonSchema): string[] {
  const choices = schema.oneOf ?? schema.anyOf ?? [];
  return [
    `### ${name}`,
    schema.description ?? "",
    table(rowsOf(openapi, schema)),
    ...choices.map((choice) => table(rowsOf(openapi, choice))),
  ];
}

type Row = readonly [name: string, type: string, says: string];

function rowsOf({ components }: OpenApi, { properties = {}, required = [] }: JsonSchema): Row[] {
  return Object.entries(properties).map(([name, field]) => {
    const values = field.enum
      ? ` ${field.enum.map((value) => `\`${String(value)}\``).join(" ")}`
      : "";
    const type = typeOf(components.schemas, field);
    return [
      `\`${name}\``,
      `${type}${required.includes(name) ? ", required" : ""}${values}`,
      field.description ?? "",
    ];
  });
}

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const cell = (text: string): string => text.replaceAll(/\n+(- )?/g, " ").replaceAll("|", "\\|");
  const lines = rows.map((row) => `| ${row.map(cell).join(" | ")} |`);
  return ["| name | type | meaning |", "| --- | --- | --- |", ...lines].join("\n");
}
