interface CurlOptions {
  /** The key itself, where it has just been made; else the variable that it stands in. */
  readonly key?: string;
  /** One to read, for what is sent twice on purpose; else one that is the content's own. */
  readonly idempotencyKey?: string;
  /** What no key may do: with the cookie that signing in from a shell has left. */
  readonly bySession?: boolean;
}

/** The same request from a shell, with a key of one's own. */
export function curlOf(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
  {
    key = "$ZERORACE_API_KEY",
    idempotencyKey = markOf(path, body),
    bySession = false,
  }: CurlOptions = {},
): string {
  const lines = [
    `curl${method === "GET" ? "" : ` -X ${method}`} "${location.origin}${path}"`,
    bySession ? "-b session.txt" : `-H "Authorization: Bearer ${key}"`,
  ];
  if (method === "POST" && !bySession) lines.push(`-H "Idempotency-Key: ${idempotencyKey}"`);
  if (body !== undefined) {
    lines.push('-H "Content-Type: application/json"');
    lines.push(`-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(" \\\n  ");
}

/** The same for the same request: run twice by mistake it is done once. */
function markOf(path: string, body: unknown): string {
  let mark = 0x811c9dc5;
  for (const letter of `${path}${JSON.stringify(body)}`) {
    mark = Math.imul(mark ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return `curl-${mark.toString(36)}`;
}
