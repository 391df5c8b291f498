import { z } from "zod";
import { pageOf } from "./page.ts";
import { Problem } from "./problem.ts";
import { isProblemCode, problemKinds } from "./problem-codes.ts";
import type { ProblemKind } from "./problem-kind.ts";
import type { Route } from "./route.ts";
import { sendPage } from "./send.ts";

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
      `<tr><td><span class="status bad">${status}</span></td>` +
      `<td><a href="/problems/${code}"><code>${code}</code></a></td><td>${title}</td></tr>`,
  );
  const head = "<tr><th>Status</th><th>Code</th><th>What it says</th></tr>";
  const lead =
    '<p class="lead">Everything that can go wrong, by the <code>code</code> that a program decides by.</p>';
  const table = `<table><thead>${head}</thead><tbody>${rows.join("")}</tbody></table>`;
  return page("Problems", `<h1>Problems</h1>${lead}${table}`);
}

function codePage(code: string, { status, title, todo, retryable, inDoubt }: ProblemKind): string {
  const facts = [
    ["Status", `<span class="status bad">${status}</span>`],
    ["What to do", todo],
    ["What happened", inDoubt ? effects.unknown : effects.none],
    ["Sent again", inDoubt ? again.inDoubt : retryable ? again.may : again.never],
  ];
  const list = facts.map(([name, says]) => `<dt>${name}</dt><dd>${says}</dd>`);
  const head = `<h1><code>${code}</code></h1><p class="lead">${title}.</p>`;
  return page(code, `${head}<dl class="facts">${list.join("")}</dl>`);
}

const effects = {
  none: "The request had no effect, and its idempotency key is not used up: <code>outcome</code> is <code>none</code>.",
  unknown:
    "The request may have had its effect: <code>outcome</code> is <code>unknown</code>, and only the same ask under the same key will tell.",
};

const again = {
  inDoubt: "The same ask under the same key is safe, as often as it takes.",
  may: "The very same request, with the same key, may succeed: <code>retryable</code> is true.",
  never: "The same request gives the same answer: <code>retryable</code> is false.",
};

/** Titles and sentences are ours and hold no markup. */
function page(title: string, content: string): string {
  const crumbs =
    '<p class="crumbs"><a href="/reference">API reference</a> · <a href="/problems">All problems</a></p>';
  return pageOf({ title, kind: "problem", body: `<main>${crumbs}${content}</main>` });
}
