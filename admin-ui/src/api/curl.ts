/** The same request from a shell, with a key of one's own. */
export function curlOf(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): string {
  const lines = [
    `curl${method === "GET" ? "" : ` -X ${method}`} "${location.origin}${path}"`,
    '-H "Authorization: Bearer $ZERORACE_API_KEY"',
  ];
  if (method === "POST") lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (body !== undefined) {
    lines.push('-H "Content-Type: application/json"');
    lines.push(`-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(" \\\n  ");
}
