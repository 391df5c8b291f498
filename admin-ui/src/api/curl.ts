interface CurlOptions {
  /** The key itself, where it has just been made; else the variable that it stands in. */
  readonly key?: string;
  /** One to read, for what is sent twice on purpose; else a new one each time. */
  readonly idempotencyKey?: string;
}

/** The same request from a shell, with a key of one's own. */
export function curlOf(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
  { key = "$ZERORACE_API_KEY", idempotencyKey = "$(uuidgen)" }: CurlOptions = {},
): string {
  const lines = [
    `curl${method === "GET" ? "" : ` -X ${method}`} "${location.origin}${path}"`,
    `-H "Authorization: Bearer ${key}"`,
  ];
  if (method === "POST") lines.push(`-H "Idempotency-Key: ${idempotencyKey}"`);
  if (body !== undefined) {
    lines.push('-H "Content-Type: application/json"');
    lines.push(`-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(" \\\n  ");
}
