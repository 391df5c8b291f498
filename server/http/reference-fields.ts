import type { JsonSchema, OpenApi, Operation } from "./openapi-types.ts";
import { escape, proseOf } from "./page.ts";

/** The fields of a schema as HTML. */

type Schemas = OpenApi["components"]["schemas"];

const nameOf = ({ $ref }: JsonSchema): string | undefined => $ref?.split("/").at(-1);

function resolved(schemas: Schemas, schema: JsonSchema): JsonSchema {
  const name = nameOf(schema);
  return name === undefined ? schema : (schemas[name] ?? {});
}

export function fieldsOf(schemas: Schemas, schema: JsonSchema): string {
  const whole = resolved(schemas, schema);
  const choices = whole.oneOf ?? whole.anyOf;
  if (choices) return choices.map((choice) => choiceOf(schemas, choice)).join("");
  const { properties = {}, required = [] } = whole;
  const fields = Object.entries(properties).map(([name, field]) =>
    fieldOf(schemas, name, field, required.includes(name)),
  );
  return fields.length === 0 ? "" : `<dl class="fields">${fields.join("")}</dl>`;
}

function choiceOf(schemas: Schemas, choice: JsonSchema): string {
  const whole = resolved(schemas, choice);
  const outcome = whole.properties?.outcome?.const;
  const title = typeof outcome === "string" ? outcome : (nameOf(choice) ?? typeOf(schemas, choice));
  const says = whole.description === undefined ? "" : ` <span>${escape(whole.description)}</span>`;
  const summary = `<summary><code>${escape(title)}</code>${says}</summary>`;
  return `<details class="choice">${summary}${fieldsOf(schemas, choice)}</details>`;
}

export function fieldOf(
  schemas: Schemas,
  name: string,
  schema: JsonSchema,
  required: boolean,
): string {
  const whole = resolved(schemas, schema);
  const says = schema.description ?? whole.description;
  const inner = fieldsOf(schemas, whole.items ?? whole);
  const more = inner === "" ? "" : `<details><summary>its fields</summary>${inner}</details>`;
  const marks = [
    `<span class="type">${escape(typeOf(schemas, schema))}</span>`,
    required ? '<span class="required">required</span>' : "",
  ];
  const about = `${says === undefined ? "" : proseOf(says)}${boundsOf(whole)}${more}`;
  return `<div><dt><code>${escape(name)}</code> ${marks.join(" ")}</dt><dd>${about}</dd></div>`;
}

export function typeOf(schemas: Schemas, schema: JsonSchema): string {
  const whole = resolved(schemas, schema);
  if (whole.const !== undefined) return JSON.stringify(whole.const);
  if (whole.enum) return "enum";
  if (whole.items) return `list of ${nameOf(whole.items) ?? typeOf(schemas, whole.items)}`;
  const choices = whole.oneOf ?? whole.anyOf;
  if (choices) return nameOf(schema) ?? choices.map((one) => typeOf(schemas, one)).join(" or ");
  const types = [whole.type ?? "any"].flat().map((type) => wordFor(type, whole.format));
  return nameOf(schema) ?? types.join(" or ");
}

function wordFor(type: string, format: string | undefined): string {
  if (type !== "string" || format === undefined) return type;
  return { uuid: "uuid", "date-time": "time", "uri-reference": "path" }[format] ?? type;
}

/** What a value may be, in few words. */
function boundsOf(schema: JsonSchema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const { enum: values, default: preset } = schema;
  const range = (least: number | undefined, most: number | undefined, what: string): string[] => {
    if (most === undefined) return least === undefined ? [] : [`at least ${least}${what}`];
    return [least === undefined ? `at most ${most}${what}` : `${least} to ${most}${what}`];
  };
  const words = [
    ...(values ? [values.map((value) => `<code>${escape(String(value))}</code>`).join(" ")] : []),
    ...range(minimum, maximum, ""),
    ...range(minLength, maxLength, " characters"),
    ...range(minItems, maxItems, " elements"),
    ...(preset === undefined ? [] : [`<code>${escape(JSON.stringify(preset))}</code> if absent`]),
  ];
  return words.length === 0 ? "" : `<p class="bounds">${words.join("; ")}</p>`;
}

/** What a caller must be allowed to do, by whichever credential. */
export function scopesOfSecurity(security: Operation["security"]): readonly string[] {
  return [...new Set(security.flatMap((one) => Object.values(one).flat()))];
}

/** Whether a program can call it: the rest is for people who have signed in. */
export function isForKeys(security: Operation["security"]): boolean {
  return security.some((one) => "apiKey" in one);
}
