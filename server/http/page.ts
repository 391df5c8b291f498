import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** What every page that we serve is made of: the docs, the reference, the problems, the sandbox. */

export type Asset = "style.css" | "script.js" | "theme.js" | "reference.js" | "sandbox.js";

const names: readonly Asset[] = [
  "style.css",
  "script.js",
  "theme.js",
  "reference.js",
  "sandbox.js",
];

export const assets: ReadonlyMap<Asset, string> = new Map(
  names.map((name) => [name, readFileSync(new URL(`pages/${name}`, import.meta.url), "utf8")]),
);

/** Its address changes with its content, so that it may be kept for ever. */
export function addressOf(name: Asset): string {
  const hash = createHash("sha256").update(assets.get(name) ?? "");
  return `/docs/assets/${name}?v=${hash.digest("hex").slice(0, 12)}`;
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Crect width='16' height='16' rx='4' fill='%233b6fd4'/%3E" +
  "%3Cpath d='M4 5h8L5 11h7' stroke='white' stroke-width='2' fill='none'/%3E%3C/svg%3E";

const places = [
  ["/docs", "Docs"],
  ["/reference", "API reference"],
  ["/problems", "Problems"],
] as const;

interface Page {
  readonly title: string;
  /** The kind of page, for the style sheet. */
  readonly kind: "reference" | "docs" | "plain";
  /** Where one is, of the places in the header. */
  readonly place?: (typeof places)[number][0] | "/sandbox";
  readonly body: string;
  /** A script of its own, beside that of all pages. */
  readonly script?: "reference.js" | "sandbox.js";
  /** The address of the same page in Markdown. */
  readonly markdown?: string;
  /** What was searched for, where this shows what was found. */
  readonly query?: string;
}

export function pageOf(page: Page): string {
  const { title, kind, place, body, script, markdown, query = "" } = page;
  const moduleOf = (name: Asset): string =>
    `<script type="module" src="${addressOf(name)}"></script>`;
  const scripts = [moduleOf("script.js"), ...(script ? [moduleOf(script)] : [])];
  const links = places.map(
    ([to, words]) => `<a href="${to}"${to === place ? ' aria-current="page"' : ""}>${words}</a>`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title} · ZeroRace</title><link rel="icon" href="${icon}">`,
    markdown === undefined
      ? ""
      : `<link rel="alternate" type="text/markdown" href="${markdown}" title="Markdown">`,
    // Before the first paint: who chose dark is not shown a flash of light.
    `<script src="${addressOf("theme.js")}"></script>`,
    `<link rel="stylesheet" href="${addressOf("style.css")}">${scripts.join("")}`,
    `</head><body class="${kind}"><a class="skip" href="#main">Skip to the content</a>`,
    '<header><a class="brand" href="/docs">ZeroRace</a>',
    `<nav class="places" aria-label="Places">${links.join("")}<a href="/">Console</a></nav>`,
    '<form class="search" role="search" action="/docs/search"><input type="search" name="q" ',
    `aria-label="Search the docs" placeholder="Search the docs" autocomplete="off" value="${escape(query)}">`,
    `</form></header>${body}</body></html>`,
  ].join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
}

/** What our own descriptions use of Markdown: code, paragraphs and lists. */
export function proseOf(text: string): string {
  const blocks = escape(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .split("\n\n");
  return blocks
    .map((block) => {
      if (!block.startsWith("- ")) return `<p>${block}</p>`;
      const lines = block.split("\n").map((line) => `<li>${line.slice(2)}</li>`);
      return `<ul>${lines.join("")}</ul>`;
    })
    .join("");
}

/** Text to copy: the script puts a button beside it. */
export function codeBlock(text: string, language = ""): string {
  const marked = language === "" ? "" : ` data-language="${escape(language)}"`;
  return `<figure${marked}><pre tabindex="0"><code>${escape(text)}</code></pre></figure>`;
}
