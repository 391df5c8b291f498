import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

export interface Post {
  readonly agent: Agent;
  readonly apiKey: string;
  readonly key: string;
  readonly body: object;
  readonly signal?: AbortSignal;
}

export interface Posted {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Not `fetch`: who asks shares the cores with who answers, and it costs them several times as much. */
export async function post(url: string, given: Post): Promise<Posted> {
  const { agent, apiKey, key, body, signal } = given;
  const text = JSON.stringify(body);
  const headers = {
    Authorization: `Bearer ${apiKey}`,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    "Idempotency-Key": key,
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(url, { method: "POST", agent, headers, ...(signal && { signal }) })
    .on("response", resolve)
    .on("error", reject)
    .end(text);
  const reply = await promise;
  const parts: string[] = [];
  for await (const part of reply.setEncoding("utf8")) parts.push(part as string);
  return { status: reply.statusCode ?? 0, headers: reply.headers, text: parts.join("") };
}
