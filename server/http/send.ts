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
  send(res, status, text, ["Content-Type", "application/json", ...apiHeaders, ...headers]);
}

export function sendProblem(res: Response, problem: Problem): void {
  const text = problemText(problem, visitOf(res).requestId);
  send(res, problem.status, text, ["Content-Type", problemType, ...apiHeaders, ...problem.headers]);
}

export function sendPage(res: Response, html: string): void {
  send(res, 200, html, ["Content-Type", "text/html; charset=utf-8", ...pageHeaders]);
}

export function sendText(res: Response, text: string, contentType: string): void {
  send(res, 200, text, ["Content-Type", contentType, ...apiHeaders]);
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
