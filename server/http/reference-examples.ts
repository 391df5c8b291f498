import type { Operation } from "./openapi-types.ts";
import { isForKeys } from "./reference-fields.ts";

/** One request, as curl and as TypeScript. */

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: unknown;
  /** The answer goes on and on. */
  readonly isStream?: boolean;
}

/** Where `npm start` listens; the page puts its own address in its place. */
export const addressOfExamples = "http://127.0.0.1:8080";
const keyVariable = "ZERORACE_API_KEY";
const sessionVariable = "SESSION";

const ids: Readonly<Record<string, string>> = {
  purchases: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
  holds: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
  merchants: "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11",
  items: "019aa0f2-6c21-7f80-b1c4-7e8d9a0b1c33",
  mandates: "019aa0f2-6c20-7d41-8a3e-5b9f2d6c4a22",
};

export function exampleBodyOf({ requestBody }: Operation): unknown {
  const [first] = Object.values(requestBody?.content["application/json"]?.examples ?? {});
  return first?.value;
}

export function requestOf(path: string, method: string, operation: Operation): Request {
  const { parameters = [], security, tags, responses } = operation;
  const url = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const found = parameters.find((one) => one.name === name);
    const [first] = found?.schema.enum ?? [];
    return typeof first === "string" ? first : (ids[tags[0] ?? ""] ?? "");
  });
  const asked = parameters.filter((one) => one.in === "query" && one.required === true);
  const query = asked.map(
    ({ name, example = "" }, at) => `${at === 0 ? "?" : "&"}${name}=${example}`,
  );
  const isStream = Object.hasOwn(responses[200]?.content ?? {}, "text/event-stream");
  const body = exampleBodyOf(operation);
  const key = parameters.find(({ name }) => name === "Idempotency-Key");
  const headers: [string, string][] = [];
  if (isForKeys(security)) headers.push(["Authorization", `Bearer $${keyVariable}`]);
  else if (security.length > 0) headers.push(["Cookie", `zerorace-session=$${sessionVariable}`]);
  if (body !== undefined) headers.push(["Content-Type", "application/json"]);
  if (key) headers.push(["Idempotency-Key", key.example ?? "order-1"]);
  const address = `${addressOfExamples}${url}${query.join("")}`;
  return { method: method.toUpperCase(), url: address, headers, body, isStream };
}

export function curlOf({ method, url, headers, body, isStream }: Request): string {
  const how = `${isStream ? " -N" : ""}${method === "GET" ? "" : ` -X ${method}`}`;
  const lines = [
    `curl${how} ${url.includes("?") ? `"${url}"` : url}`,
    ...headers.map(([name, value]) => `-H "${name}: ${value}"`),
    ...(body === undefined ? [] : [`-d '${jsonOf(body).replaceAll("'", "'\\''")}'`]),
  ];
  return lines.join(" \\\n  ");
}

export function typescriptOf({ method, url, headers, body, isStream }: Request): string {
  const fields = headers.map(([name, value]) => {
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    const quoted = JSON.stringify(value);
    const secret = [keyVariable, sessionVariable].find((one) => value.endsWith(`$${one}`));
    const written =
      secret === undefined
        ? quoted
        : `\`${value.replace(`$${secret}`, `$\{process.env.${secret}}`)}\``;
    return `    ${key}: ${written},`;
  });
  const options = [
    ...(method === "GET" ? [] : [`  method: "${method}",`]),
    ...(fields.length === 0 ? [] : ["  headers: {", ...fields, "  },"]),
    ...(body === undefined
      ? []
      : [`  body: JSON.stringify(${literalOf(body).replaceAll("\n", "\n  ")}),`]),
  ];
  const init = options.length === 0 ? "" : `, {\n${options.join("\n")}\n}`;
  return [
    `const response = await fetch("${url}"${init});`,
    isStream
      ? "for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) console.log(text);"
      : "console.log(response.status, await response.json());",
  ].join("\n");
}

/** Names need no quotes in TypeScript. */
function literalOf(value: unknown): string {
  return jsonOf(value).replaceAll(/^( *)"(\w+)":/gm, "$1$2:");
}

export function jsonOf(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
