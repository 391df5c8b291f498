import { STATUS_CODES } from "node:http";
import type { Example, JsonSchema, Response } from "./openapi-types.ts";
import { isProblemCode, problemKinds, type ProblemCode } from "./problem-codes.ts";
import { problemExample } from "./wire.ts";
import { problemType } from "./problem.ts";
import type { Route } from "./route.ts";

/** What any request may be answered with. */
const ofEvery: readonly ProblemCode[] = [
  "MALFORMED_REQUEST",
  "DUPLICATE_HEADER",
  "REQUEST_TIMEOUT",
  "EXPECTATION_FAILED",
  "HOST_NOT_ALLOWED",
  "HEADERS_TOO_LARGE",
  "INTERNAL_ERROR",
];

const ofGuarded: readonly ProblemCode[] = [
  "CREDENTIALS_IN_URL",
  "AUTHENTICATION_REQUIRED",
  "INVALID_API_KEY",
  "API_KEY_REVOKED",
  "API_KEY_EXPIRED",
  "SESSION_OVER",
  "CROSS_SITE_REQUEST",
  "ORGANISATION_SUSPENDED",
  "INSUFFICIENT_SCOPE",
  "FORBIDDEN",
  "NOT_READY",
];

/** Of whatever asks the database. */
const ofApi: readonly ProblemCode[] = ["UNKNOWN_PARAMETER", "RETRY_EXHAUSTED", "OUTCOME_UNKNOWN"];

const ofBody: readonly ProblemCode[] = [
  "EMPTY_BODY",
  "MALFORMED_BODY",
  "DUPLICATE_KEY",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "VALIDATION_FAILED",
  "TOO_DEEP",
  "TOO_MANY_ITEMS",
  "NUMBER_NOT_EXACT",
  "INVALID_CHARACTER",
  "UNKNOWN_PROPERTY",
  "API_KEY_IN_BODY",
];

const ofFile: readonly ProblemCode[] = [
  "EMPTY_BODY",
  "MALFORMED_BODY",
  "BODY_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "API_KEY_IN_BODY",
];

/** What the kernel may say to an ask, whatever it is about. */
export const ofAsk: readonly ProblemCode[] = ["INVALID_ASK", "OVERLOADED"];
export const ofBound: readonly ProblemCode[] = ["KEY_NOT_FOR_AGENT", "KEY_NOT_FOR_MANDATE"];

/** What is not said again of each operation. */
export const generalProblems = {
  "Any request": ofEvery,
  "A request that needs a key": ofGuarded,
  "A request under /v1": ofApi,
  "A request with a body": ofBody,
} as const;

/** All that a route may be refused for, in the order of the table of codes. */
export function problemsOf({ path, needs, limit, about }: Route): readonly ProblemCode[] {
  const { query, key, problems = [] } = about;
  const all = new Set<ProblemCode>([
    ...ofEvery,
    ...(needs === "nothing" ? [] : ofGuarded),
    ...(path.startsWith("/v1/") ? ofApi : []),
    ...(limit === "none" ? [] : (["RATE_LIMITED"] as const)),
    ...(limit === "sign-in" || limit === "new-keys" ? (["LIMITER_AWAY"] as const) : []),
    ...(about.body ? ofBody : []),
    ...(about.file ? ofFile : []),
    ...(query ? (["VALIDATION_FAILED"] as const) : []),
    ...(query && "cursor" in query.shape ? (["BAD_CURSOR"] as const) : []),
    ...(key ? (["IDEMPOTENCY_KEY_INVALID", "KEY_REUSED"] as const) : []),
    ...(key && key !== "optional" ? (["IDEMPOTENCY_KEY_MISSING"] as const) : []),
    ...problems,
  ]);
  return Object.keys(problemKinds)
    .filter(isProblemCode)
    .filter((code) => all.has(code));
}

/**
 * One response for each status, with an example for each code that comes with it. Many routes have
 * the same ones: they are written once, among the components.
 */
export class ProblemResponses {
  readonly components: Record<string, Response> = {};
  readonly #names = new Map<string, string>();

  of(codes: readonly ProblemCode[]): Record<string, Response> {
    const byStatus = Map.groupBy(codes, (code) => problemKinds[code].status);
    const refs = [...byStatus].map(([status, some]) => [status, this.#refTo(status, some)]);
    return Object.fromEntries(refs) as Record<string, Response>;
  }

  #refTo(status: number, codes: readonly ProblemCode[]): Response {
    const known = this.#names.get(codes.join());
    const name = known ?? this.#nameFor(status);
    if (known === undefined) {
      this.#names.set(codes.join(), name);
      this.components[name] = response(status, codes);
    }
    return { $ref: `#/components/responses/${name}` };
  }

  /** `Conflict`, `Conflict2`, … */
  #nameFor(status: number): string {
    const words = (STATUS_CODES[status] ?? "Problem").replaceAll(/[^A-Za-z]/g, "");
    for (let at = 2, name = words; ; name = `${words}${at++}`) {
      if (this.components[name] === undefined) return name;
    }
  }
}

function response(status: number, codes: readonly ProblemCode[]): Response {
  const examples = codes.map((code): [string, Example] => [
    code,
    { $ref: `#/components/examples/${code}` },
  ]);
  return {
    description: `${STATUS_CODES[status]}: ${codes.map((code) => `\`${code}\``).join(", ")}`,
    headers: headersOf(status),
    content: {
      [problemType]: {
        schema: schemaOf(status, codes),
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function schemaOf(status: number, codes: readonly ProblemCode[]): JsonSchema {
  const these = { properties: { status: { const: status }, code: { enum: codes } } };
  return { allOf: [{ $ref: "#/components/schemas/Problem" }, these] };
}

function headersOf(status: number): Record<string, Example> {
  const names = ["Request-Id"];
  if (status === 401) names.push("WWW-Authenticate");
  if (status === 429 || status === 503) names.push("Retry-After");
  return Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const),
  );
}

export function problemExamples(): Record<string, Example> {
  const codes = Object.keys(problemKinds).filter(isProblemCode);
  return Object.fromEntries(
    codes.map((code) => {
      const { title } = problemKinds[code];
      return [code, { summary: title, value: problemExample(code) }] as const;
    }),
  );
}
