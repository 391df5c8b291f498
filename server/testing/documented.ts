import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { OpenApi, Operation } from "../http/openapi-types.ts";

/** The OpenAPI document of the repository, and whether what a server answers is what it says. */

const file = new URL("../../docs/reference/openapi.json", import.meta.url);
export const openapi = JSON.parse(readFileSync(file, "utf8")) as OpenApi;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(openapi, "openapi");

/** The validator of the schema at these steps into the document. */
export function schemaAt(...steps: readonly string[]): ValidateFunction {
  const path = steps.map((step) => `/${escape(step)}`).join("");
  const validate = ajv.getSchema(`openapi#${path}`);
  if (!validate) throw new Error(`The document has no schema at ${path}.`);
  return validate;
}

const escape = (step: string): string =>
  encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));

/** What is wrong with a value by the schema; undefined when nothing is. */
export function faultBy(validate: ValidateFunction, value: unknown): string | undefined {
  return validate(value) === true ? undefined : ajv.errorsText(validate.errors);
}

export interface Answered {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Throws where the document does not say what was answered. */
export function expectDocumented(answered: Answered): void {
  const fault = faultOf(answered);
  if (fault === undefined) return;
  const { method, url, status, text } = answered;
  throw new Error(
    `${method} ${url} answered ${status}, and docs/reference/openapi.json does not say so: ` +
      `${fault}. (After a change of a route: npm run generate.)\n${text.slice(0, 500)}`,
  );
}

function faultOf({ method, url, status, contentType, text }: Answered): string | undefined {
  const template = templateOf(new URL(url).pathname);
  const name = method === "HEAD" ? "get" : method.toLowerCase();
  if (method === "OPTIONS" && status === 204) return text === "" ? undefined : "it has a body";
  const operation = template === undefined ? undefined : openapi.paths[template]?.[name];
  const type = contentType.replace(/;.*/, "");
  const steps = ["components", "schemas", "Problem"];
  if (template !== undefined && operation) {
    const found = responseOf(operation, ["paths", template, name, "responses", String(status)]);
    if (!found) return "the operation has no such status";
    if (!Object.hasOwn(found.types, type)) return `it is ${type || "without a type"}`;
    steps.splice(0, steps.length, ...found.steps, "content", type, "schema");
  } else if (status < 400) return "there is no such operation";
  if (method === "HEAD") return text === "" ? undefined : "it has a body";
  return type.endsWith("json") ? faultBy(schemaAt(...steps), JSON.parse(text)) : undefined;
}

/** A response stands in its operation, or among the components. */
function responseOf(operation: Operation, own: string[]) {
  const response = operation.responses[own.at(-1) ?? ""];
  if (!response) return undefined;
  if (response.$ref === undefined) return { steps: own, types: response.content ?? {} };
  const steps = response.$ref.slice(2).split("/");
  return { steps, types: openapi.components.responses[steps.at(-1) ?? ""]?.content ?? {} };
}

/** The path as the document has it; one without parameters before one that has some. */
function templateOf(path: string): string | undefined {
  if (Object.hasOwn(openapi.paths, path)) return path;
  return Object.keys(openapi.paths).find((template) => {
    const form = template.replaceAll(/\{\w+\}/g, "[^/]+").replaceAll(".", "\\.");
    return new RegExp(`^${form}$`).test(path);
  });
}
