import { Ajv, type ValidateFunction } from "ajv";
import type { Manifest } from "./render.ts";

/** Kinds that an operator or a gateway brings: of their types, what we use, so that a word written wrong is seen. */

const text = { type: "string", minLength: 1 } as const;
const texts = { type: "object", additionalProperties: text } as const;
const listOf = (items: object) => ({ type: "array", minItems: 1, items }) as const;
/** All of it must be there, unless its name ends with a question mark. */
function exactly(properties: Readonly<Record<string, object>>): object {
  const named = Object.entries(properties).map(([name, of]) => [name.replace("?", ""), of]);
  const required = Object.keys(properties).filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    properties: Object.fromEntries(named),
    required,
    additionalProperties: false,
  };
}

const backend = exactly({ name: text, port: { type: "integer" } });
const path = exactly({ type: { enum: ["PathPrefix", "Exact"] }, value: { pattern: "^/" } });
const duration = { pattern: "^([0-9]{1,5}(h|m|s|ms)){1,4}$" };
const specs: Readonly<Record<string, object>> = {
  ServiceMonitor: exactly({
    jobLabel: text,
    selector: exactly({ matchLabels: texts }),
    endpoints: listOf(exactly({ port: text, path: text, interval: duration })),
  }),
  PrometheusRule: exactly({
    groups: listOf(
      exactly({
        name: text,
        rules: listOf(
          exactly({ alert: text, expr: text, for: text, labels: texts, annotations: texts }),
        ),
      }),
    ),
  }),
  HTTPRoute: exactly({
    parentRefs: listOf(exactly({ name: text, "namespace?": text, "sectionName?": text })),
    hostnames: listOf(text),
    rules: listOf(
      exactly({
        matches: listOf(exactly({ path })),
        "timeouts?": exactly({ request: duration }),
        backendRefs: listOf(backend),
      }),
    ),
  }),
};

const ajv = new Ajv({ allErrors: true, strictTypes: false });
const judges = new Map<string, ValidateFunction>(
  Object.entries(specs).map(([kind, spec]) => [kind, ajv.compile(spec)]),
);

export function complaintsOfOperators(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const judge = judges.get(kind);
    if (judge === undefined || judge(spec)) return [];
    return [`${kind} ${metadata.name}: ${ajv.errorsText(judge.errors)}`];
  });
}
