import { z } from "zod";
import { documentOf, sendDocument } from "./document.ts";
import { codeBlock, escape, pageOf } from "./page.ts";
import { isProblemCode, problemKinds, type ProblemCode } from "./problem-codes.ts";
import type { ProblemKind } from "./problem-kind.ts";
import { problemReasons } from "./problem-reasons.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { problemExample } from "./wire.ts";

const markdown = "text/markdown; charset=utf-8";
const allCodes: readonly ProblemCode[] = Object.keys(problemKinds).filter(isProblemCode);
const params = { code: z.enum(allCodes) };

/** The page that a problem's `type` leads to: what happened, why, and what to do. */
export const problemPages: readonly Route[] = [
  {
    method: "get",
    path: "/problems",
    needs: "nothing",
    about: { summary: "List problem pages", answers: { 200: "text/html" } },
    handle: (_req, res) => sendDocument(res, documentOf(indexPage())),
  },
  {
    method: "get",
    path: "/problems.md",
    needs: "nothing",
    about: { summary: "Get all problems as Markdown", answers: { 200: "text/markdown" } },
    handle: (_req, res) => sendDocument(res, documentOf(problemsMarkdown(), markdown)),
  },
  {
    method: "get",
    path: "/problems/:code.md",
    needs: "nothing",
    about: {
      summary: "Get a problem page as Markdown",
      params,
      answers: { 200: "text/markdown" },
      problems: ["NOT_FOUND"],
    },
    handle: (req, res) => sendDocument(res, documentOf(markdownOf(codeIn(req.params)), markdown)),
  },
  {
    method: "get",
    path: "/problems/:code",
    needs: "nothing",
    about: {
      summary: "Get a problem page",
      params,
      answers: { 200: "text/html" },
      problems: ["NOT_FOUND"],
    },
    handle: (req, res) => sendDocument(res, documentOf(codePage(codeIn(req.params)))),
  },
];

function codeIn({ code }: Record<string, unknown>): ProblemCode {
  const text = String(code);
  if (!isProblemCode(text)) throw new Problem("NOT_FOUND", "There is no such problem code.");
  return text;
}

/** Groups, by what whoever reads can do about it. */
const groups = [
  [
    "The request",
    (status: number) => [400, 405, 408, 413, 415, 417, 421, 422, 431].includes(status),
  ],
  ["Who calls", (status: number) => status === 401 || status === 403],
  ["What it is about", (status: number) => status === 404 || status === 409],
  ["Too much at once", (status: number) => status === 429],
  ["The server", (status: number) => status >= 500],
] as const;

const codesIn = (isIn: (status: number) => boolean): ProblemCode[] =>
  allCodes.filter((code) => isIn(problemKinds[code].status));

function menu(current?: ProblemCode): string {
  const lists = groups.map(([name, isIn]) => {
    const lines = codesIn(isIn).map((code) => {
      const here = code === current ? ' aria-current="page"' : "";
      return `<li><a href="/problems/${code}"${here}><code>${code}</code></a></li>`;
    });
    return `<h2>${name}</h2><ul>${lines.join("")}</ul>`;
  });
  return (
    '<details class="menu" open><summary>All problems</summary>' +
    `<nav aria-label="Problems">${lists.join("")}</nav></details>`
  );
}

function indexPage(): string {
  const sections = groups.map(([name, isIn]) => {
    const rows = codesIn(isIn).map((code) => {
      const { status, title, retryable } = problemKinds[code] as ProblemKind;
      return (
        `<tr><td><span class="status bad">${status}</span></td>` +
        `<td><a href="/problems/${code}"><code>${code.replaceAll("_", "_<wbr>")}</code></a></td><td>${escape(title)}</td>` +
        `<td>${retryable === true ? "may help" : ""}</td></tr>`
      );
    });
    const head = "<tr><th>Status</th><th>Code</th><th>What it says</th><th>Retry</th></tr>";
    return (
      `<h2>${name}</h2><div class="table problems" tabindex="0" role="group" aria-label="${name}">` +
      `<table><thead>${head}</thead><tbody>${rows.join("")}</tbody></table></div>`
    );
  });
  const lead =
    '<p class="lead">Everything that can go wrong, by the <code>code</code> that a program decides by.</p>';
  const body = `<div class="prose"><h1>Problems</h1>${lead}${sections.join("")}</div>`;
  return page("Problems", "/problems.md", undefined, body);
}

function codePage(code: ProblemCode): string {
  const { status, title, todo } = problemKinds[code];
  const answer = JSON.stringify(problemExample(code), undefined, 2);
  const parts = [
    `<h1><code>${code}</code></h1>`,
    `<p class="lead"><span class="status bad">${status}</span> ${escape(title)}.</p>`,
    `<h2>What happened</h2><p>${effectOf(code)}</p>`,
    `<h2>Why</h2><p>${escape(problemReasons[code])}</p>`,
    `<h2>What to do</h2><p>${prose(todo)}</p>`,
    `<h2>Does a retry help?</h2><p>${retryOf(code)}</p>`,
    `<h2>An answer with it</h2>${codeBlock(answer, "json")}`,
    '<footer><p>How agents should take every answer: <a href="/docs/how-to/agents">an agent that buys</a>. ',
    `<a href="/problems/${code}.md">This page as Markdown</a></p></footer>`,
  ];
  const body = `<div class="prose">${parts.join("")}</div>`;
  return page(code, `/problems/${code}.md`, code, body);
}

const prose = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

function effectOf(code: ProblemCode): string {
  return prose(effectWords(code));
}

function retryOf(code: ProblemCode): string {
  return prose(retryWords(code));
}

function effectWords(code: ProblemCode): string {
  const { inDoubt }: ProblemKind = problemKinds[code];
  return inDoubt === true
    ? "The request may have had its effect: `outcome` is `unknown`, and only the same ask under the same key will tell."
    : "The request had no effect, and its idempotency key is not used up: `outcome` is `none`.";
}

function retryWords(code: ProblemCode): string {
  const { inDoubt, retryable }: ProblemKind = problemKinds[code];
  if (inDoubt === true)
    return "Yes. The same ask under the same key is safe, as often as it takes.";
  if (retryable !== true)
    return "No. The same request gives the same answer: `retryable` is false.";
  return "Yes, later. The very same request, with the same key, may succeed: `retryable` is true, and `Retry-After` says when, where that is known.";
}

function markdownOf(code: ProblemCode): string {
  const { status, title, todo } = problemKinds[code];
  return [
    `# ${code}`,
    `${status} ${title}.`,
    `**What happened.** ${effectWords(code)}`,
    `**Why.** ${problemReasons[code]}`,
    `**What to do.** ${todo}`,
    `**Does a retry help?** ${retryWords(code)}`,
    `\`\`\`json\n${JSON.stringify(problemExample(code), undefined, 2)}\n\`\`\`\n`,
  ].join("\n\n");
}

/** Every code, without the answers, which look alike. */
export function problemsMarkdown(): string {
  const parts = allCodes.map((code) => {
    const { status, title, todo } = problemKinds[code];
    const says = [problemReasons[code], effectWords(code), todo, retryWords(code)];
    return `## ${code}\n\n${status} ${title}. ${says.join(" ")}`;
  });
  return `# Problems\n\n${parts.join("\n\n")}\n`;
}

/** Titles and sentences are ours. */
function page(title: string, twin: string, code: ProblemCode | undefined, content: string): string {
  const body = `${menu(code)}<main id="main" tabindex="-1">${content}</main>`;
  return pageOf({ title, kind: "docs", place: "/problems", markdown: twin, body });
}
