import { readFileSync } from "node:fs";

/** What every page that we serve is made of. */

export const styleText = readFileSync(new URL("reference/style.css", import.meta.url), "utf8");

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E" +
  "%3Crect width='16' height='16' rx='4' fill='%233b6fd4'/%3E" +
  "%3Cpath d='M4 5h8L5 11h7' stroke='white' stroke-width='2' fill='none'/%3E%3C/svg%3E";

interface Page {
  readonly title: string;
  /** The kind of page, for the style sheet. */
  readonly kind: "reference" | "problem";
  readonly body: string;
  readonly script?: string;
}

export function pageOf({ title, kind, body, script }: Page): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title} · ZeroRace</title><link rel="icon" href="${icon}">`,
    '<link rel="stylesheet" href="/reference/style.css">',
    script === undefined ? "" : `<script src="${script}" defer></script>`,
    `</head><body class="${kind}">${body}</body></html>`,
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
