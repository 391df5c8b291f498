import type { Response } from "express";
import { problemText, problemType, type Problem } from "./problem.ts";
import { apiHeaders, pageHeaders } from "./security-headers.ts";
import { visitOf } from "./visit.ts";

/** Every answer leaves here, so that each has its headers. Headers are flat: name, value, … */

export function sendJson(
  res: Response,
  status: number,
  text: string,
  headers: readonly string[] = [],
): void {
  // The few that have it have it first.
  if (headers[0] === "Idempotent-Replayed") {
    const visit = visitOf(res);
    visit.replayed = headers[1] === "true";
    visit.subjectId ??= madeBy(text);
  }
  send(res, status, text, ["Content-Type", "application/json", ...apiHeaders, ...headers]);
}

/** What an answer to a key names first: what was made, or what was asked. */
function madeBy(text: string): string | null {
  const [, id = null] =
    /^\{(?:"outcome":"[A-Z]+",)?"(?:id|intentId)":"([0-9A-Za-z-]{22,36})"/.exec(text) ?? [];
  return id;
}

export function sendProblem(res: Response, problem: Problem): void {
  const visit = visitOf(res);
  visit.code = problem.code;
  const text = problemText(problem, visit.requestId);
  send(res, problem.status, text, ["Content-Type", problemType, ...apiHeaders, ...problem.headers]);
}

/** For a page that is made anew each time. */
export function sendPage(
  res: Response,
  html: string,
  status = 200,
  headers: readonly string[] = [],
): void {
  const type = ["Content-Type", "text/html; charset=utf-8"];
  send(res, status, html, [...type, ...pageHeaders, ...headers]);
}

export function sendText(res: Response, text: string, contentType: string): void {
  send(res, 200, text, ["Content-Type", contentType, ...apiHeaders]);
}

/** A file of the console: it says itself how long it may be kept. */
export function sendFile(
  res: Response,
  bytes: Buffer,
  headers: readonly string[],
  status = 200,
): void {
  const sent = [...headers, "Request-Id", visitOf(res).requestId];
  sent.push("Content-Length", String(bytes.length));
  if (res.app.locals.draining === true) sent.push("Connection", "close");
  res.writeHead(status, sent);
  res.end(bytes);
}

/** The browser has it already. */
export function sendNotModified(res: Response, headers: readonly string[]): void {
  res.writeHead(304, [...headers, "Request-Id", visitOf(res).requestId]);
  res.end();
}

/** For an answer that somebody else writes, piece by piece, and that no proxy may hold back or pack. */
export function streamHeaders(res: Response, contentType: string): Record<string, string> {
  const { requestId, rateFields } = visitOf(res);
  const flat = ["Content-Type", contentType, ...apiHeaders, "Request-Id", requestId, ...rateFields];
  // Its connection ends with it: an idle one would hold up a server that is being stopped.
  flat.push("Cache-Control", "no-store, no-transform", "X-Accel-Buffering", "no");
  flat.push("Connection", "close");
  const pairs = flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : []));
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** For how long a client may take nothing of a stream. */
const stalledMs = 60_000;

/**
 * An answer of any length, read on only as fast as the client takes it. What fails before its first
 * part is still told as a problem; what fails later cuts the connection, so that half of it is not
 * taken for the whole.
 */
export async function sendStream(
  res: Response,
  parts: AsyncGenerator<string>,
  headers: readonly string[],
): Promise<void> {
  const first = await parts.next();
  const sent = [...apiHeaders, ...headers, "Request-Id", visitOf(res).requestId];
  sent.push("Cache-Control", "no-store");
  if (res.app.locals.draining === true) sent.push("Connection", "close");
  res.writeHead(200, sent);
  res.setTimeout(stalledMs, () => res.destroy());
  if (res.req.method === "HEAD" || first.done === true) {
    res.end();
    return;
  }
  if (!res.write(first.value)) await roomIn(res);
  for await (const part of parts) {
    if (res.destroyed) return;
    if (!res.write(part)) await roomIn(res);
  }
  res.end();
}

async function roomIn(res: Response): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  res.once("drain", resolve).once("close", resolve);
  if (res.destroyed) resolve();
  await promise;
  res.off("drain", resolve).off("close", resolve);
}

/** Also for the answer to OPTIONS, which has no body. */
export function sendNothing(res: Response, headers: readonly string[]): void {
  send(res, 204, "", [...apiHeaders, ...headers]);
}

function send(res: Response, status: number, text: string, headers: string[]): void {
  const { requestId, rateFields } = visitOf(res);
  headers.push("Request-Id", requestId, "Cache-Control", "no-store", ...rateFields);
  if (status !== 204) headers.push("Content-Length", String(Buffer.byteLength(text)));
  // Who is told to come back on another connection does not meet a closed one.
  if (res.app.locals.draining === true) headers.push("Connection", "close");
  res.writeHead(status, headers);
  res.end(text);
}
