import type { Request } from "express";
import { escape, pageOf } from "./page.ts";
import { problemKinds } from "./problem-codes.ts";
import type { Problem } from "./problem.ts";

/** A problem as somebody sees it who asked for a page. */

/** What belongs to programs: there a problem is a document, whoever asks. */
const ofPrograms = /^\/(v1|openapi\.json|livez|readyz|assets)(\/|$)/;

export function wantsPage({ headers, path, method }: Request): boolean {
  const isRead = method === "GET" || method === "HEAD";
  return isRead && !ofPrograms.test(path) && headers.accept?.includes("text/html") === true;
}

export function problemHtml({ code, message, headers }: Problem, requestId: string): string {
  const { status, title } = problemKinds[code];
  const at = headers.indexOf("Retry-After");
  const seconds = at === -1 ? undefined : headers[at + 1];
  const wait =
    seconds === undefined
      ? ""
      : `<p role="status" data-retry-after="${seconds}">You can load this page again in ${seconds} s.</p>`;
  const parts = [
    `<p><span class="status bad">${status}</span></p><h1>${escape(title)}</h1>`,
    `<p class="lead">${escape(message)}</p>${wait}`,
    `<p>About <a href="/problems/${code}">${code}</a>. The <a href="/docs">docs</a> have a search, above.</p>`,
    `<p class="request">Request <code>${requestId}</code></p>`,
  ];
  const body = `<main id="main" tabindex="-1"><div class="prose">${parts.join("")}</div></main>`;
  return pageOf({ title: escape(title), kind: "plain", body });
}
