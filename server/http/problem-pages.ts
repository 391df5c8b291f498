import { z } from "zod";
import { Problem } from "./problem.ts";
import { isProblemCode, problemKinds, type ProblemKind } from "./problem-codes.ts";
import type { Route } from "./route.ts";
import { sendPage, sendText } from "./send.ts";

/** The page that a problem's `type` leads to: what the code means and what to do. */
export const problemPages: readonly Route[] = [
  {
    method: "get",
    path: "/problems",
    needs: "nothing",
    about: { summary: "List problem pages", answers: { 200: "text/html" } },
    handle: (_req, res) => sendPage(res, indexPage()),
  },
  {
    method: "get",
    path: "/problems/style.css",
    needs: "nothing",
    about: { summary: "Get the style of pages", answers: { 200: "text/css" } },
    handle: (_req, res) => sendText(res, style, "text/css; charset=utf-8"),
  },
  {
    method: "get",
    path: "/problems/:code",
    needs: "nothing",
    about: {
      summary: "Get a problem page",
      params: { code: z.enum(Object.keys(problemKinds).filter(isProblemCode)) },
      answers: { 200: "text/html" },
      problems: ["NOT_FOUND"],
    },
    handle(req, res) {
      const code = String(req.params.code);
      if (!isProblemCode(code)) throw new Problem("NOT_FOUND", "There is no such problem code.");
      sendPage(res, codePage(code, problemKinds[code]));
    },
  },
];

function indexPage(): string {
  const rows = Object.entries(problemKinds).map(
    ([code, { status, title }]) =>
      `<tr><td>${status}</td><td><a href="/problems/${code}">${code}</a></td><td>${title}</td></tr>`,
  );
  const head = "<tr><th>Status</th><th>Code</th><th>What it says</th></tr>";
  return page("Problems", `<table>${head}${rows.join("")}</table>`);
}

function codePage(code: string, { status, title, todo, retryable, inDoubt }: ProblemKind): string {
  const again = retryable
    ? "Sending the same request again, with the same key, may succeed."
    : "Sending the same request again gives the same answer.";
  const effect = inDoubt
    ? "The request may have had its effect: only the same ask under the same key will tell."
    : "The request had no effect, and its idempotency key is not used up.";
  const facts = `<p><strong>${title}</strong> (HTTP ${status}).</p><p>${todo}</p>`;
  const back = '<p><a href="/problems">All codes</a></p>';
  return page(code, `${facts}<p>${effect}</p><p>${inDoubt ? "" : again}</p>${back}`);
}

/** Titles and sentences are ours and hold no markup. */
function page(title: string, body: string): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${title} · ZeroRace</title><link rel="stylesheet" href="/problems/style.css"></head>`,
    `<body><main><h1>${title}</h1>${body}</main></body></html>`,
  ].join("");
}

const style = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
main { max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
td, th { padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; vertical-align: top }`;
