import { info } from "../http/openapi-words.ts";
import { problemsMarkdown } from "../http/problem-pages.ts";
import type { Library } from "./library.ts";
import { asServed, markdownAddress } from "./sources.ts";

/** The docs for programs that read: a list of what there is, and all of it in one text. */

const twinOf = (to: string): string => {
  if (to === "/reference") return "/docs/reference/api.md";
  return to.startsWith("/docs") ? markdownAddress(to) : to;
};

export function llmsText({ shelves }: Library): string {
  const parts = shelves.map(({ name, links }) => {
    const lines = links.map(
      ({ to, title, about }) => `- [${title}](${twinOf(to)})${about === "" ? "" : `: ${about}`}`,
    );
    return `## ${name}\n\n${lines.join("\n")}`;
  });
  const more =
    "## For programs\n\n- [OpenAPI 3.1](/openapi.json)\n" +
    "- [Every problem code](/problems.md): what happened, why, what to do, whether a retry helps\n" +
    "- [Everything in one file](/llms-full.txt)";
  return `# ${info.title}\n\n> ${info.summary}\n\n${info.description}\n\n${parts.join("\n\n")}\n\n${more}\n`;
}

/** But for the log of changes. */
export function llmsFullText({ pages }: Library): string {
  const texts = [...pages.values()]
    .filter(({ source }) => source.address !== "/docs/changelog")
    .map(({ source }) => `<!-- ${twinOf(source.address)} -->\n\n${asServed(source).trim()}`);
  return `${[...texts, `<!-- /problems.md -->\n\n${problemsMarkdown().trim()}`].join("\n\n")}\n`;
}
