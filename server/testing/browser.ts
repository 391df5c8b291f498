import { call, type Reply, type TestApi } from "./api.ts";

/** Sends what a browser would send from a page of the server: JSON, and its cookie if it has one. */
export async function send(
  { url }: Pick<TestApi, "url">,
  path: string,
  { method, body, cookie, headers = {} }: Sending = {},
): Promise<Reply> {
  return call(`${url}${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(cookie !== undefined && { Cookie: cookie }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

interface Sending {
  readonly method?: string;
  readonly body?: unknown;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a browser would send back from now on; undefined when no cookie was set. */
export function cookieIn({ headers }: Pick<Reply, "headers">): string | undefined {
  return headers.get("set-cookie")?.split(";", 1)[0];
}

/** `401 WRONG_CREDENTIALS`: what tests compare. */
export function verdict({ status, body }: Pick<Reply, "status" | "body">): string {
  return typeof body.code === "string" ? `${status} ${body.code}` : String(status);
}
