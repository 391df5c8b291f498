import type { Method } from "../../api/client.ts";

/** A request as it is sent, and as code shows it. */
export interface Call {
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
}

/** The name of the variable that holds the reader's own key: the page knows none. */
export const keyVariable = "ZERORACE_API_KEY";

export function curlOf({ method, path, body, idempotencyKey }: Call, origin: string): string {
  const lines = [
    `curl -sS${method === "GET" ? "" : ` -X ${method}`} ${quoted(`${origin}${path}`)}`,
    `-H "Authorization: Bearer $${keyVariable}"`,
  ];
  if (body !== undefined) lines.push('-H "Content-Type: application/json"');
  if (idempotencyKey !== undefined)
    lines.push(`-H ${quoted(`Idempotency-Key: ${idempotencyKey}`)}`);
  if (body !== undefined) lines.push(`-d ${quoted(JSON.stringify(body, null, 2))}`);
  return lines.join(" \\\n  ");
}

/** For a POSIX shell: nothing in it means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function typeScriptOf({ method, path, body, idempotencyKey }: Call, origin: string): string {
  const headers = [`Authorization: \`Bearer \${process.env.${keyVariable}}\`,`];
  if (body !== undefined) headers.push('"Content-Type": "application/json",');
  if (idempotencyKey !== undefined)
    headers.push(`"Idempotency-Key": ${JSON.stringify(idempotencyKey)},`);
  const lines = [
    `const response = await fetch(${JSON.stringify(`${origin}${path}`)}, {`,
    `  method: "${method}",`,
    "  headers: {",
    ...headers.map((line) => `    ${line}`),
    "  },",
  ];
  if (body !== undefined) lines.push(`  body: JSON.stringify(${literal(body)}),`);
  return [
    ...lines,
    "});",
    "",
    "console.log(response.status);",
    "console.log(await response.text());",
  ].join("\n");
}

function literal(body: object): string {
  const lines = Object.entries(body).map(
    ([name, value]) => `    ${name}: ${JSON.stringify(value)},`,
  );
  return ["{", ...lines, "  }"].join("\n");
}
