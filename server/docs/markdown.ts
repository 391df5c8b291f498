import { Marked, type Token, type Tokens } from "marked";
import { codeBlock, escape } from "../http/page.ts";
import { addressOfLink, type Source } from "./sources.ts";

/** Our pages as HTML: no markup of theirs is taken over, and every heading can be led to. */

export interface Heading {
  readonly depth: number;
  readonly id: string;
  readonly text: string;
}

/** What stands under one heading, in words: for the search. */
export interface Section extends Heading {
  readonly words: string;
}

export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
  readonly sections: readonly Section[];
}

/** As GitHub makes them of headings. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

export function render(source: Source): Rendered {
  const marked = markedFor(source);
  const tokens = marked.lexer(source.text);
  const sections: Section[] = [];
  const rows: Section[] = [];
  let words: string[] = [];
  let at: Heading = { depth: 1, id: "", text: "" };
  const close = (): void => {
    if (at.text !== "") sections.push({ ...at, words: words.join(" ").replaceAll(/\s+/g, " ") });
    words = [];
  };
  for (const token of tokens) {
    if (token.type !== "heading") {
      if (isListOfNames(source.file)) rows.push(...rowsIn(token));
      else words.push(wordsOf(token));
      continue;
    }
    close();
    const { depth, tokens: inner } = token as Tokens.Heading;
    const text = inner.map(wordsOf).join("");
    at = { depth, id: depth === 1 ? "" : anchorOf(text), text };
  }
  close();
  const [first] = sections;
  const headings = sections.filter(({ depth }) => depth === 2 || depth === 3);
  const all = [...sections, ...rows];
  return { title: first?.text ?? "", html: marked.parser(tokens), headings, sections: all };
}

function markedFor({ file }: Source): Marked {
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ depth, tokens }) {
        const inner = this.parser.parseInline(tokens);
        if (depth === 1) return `<h1>${inner}</h1>`;
        const id = anchorOf(tokens.map(wordsOf).join(""));
        const name = escape(tokens.map(wordsOf).join(""));
        return `<h${depth} id="${id}">${inner} <a class="anchor" href="#${id}" aria-label="Link to: ${name}">#</a></h${depth}>`;
      },
      code: ({ text, lang }) => codeBlock(text, lang ?? ""),
      html: ({ text }) => escape(text),
      image: ({ text }) => escape(text),
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const address = addressOfLink(href, file);
        return address === undefined ? inner : `<a href="${escape(address)}">${inner}</a>`;
      },
      table({ header, rows }) {
        const row = (cells: readonly Tokens.TableCell[], tag: "th" | "td", id = ""): string => {
          const inner = cells.map(
            ({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`,
          );
          return `<tr${id === "" ? "" : ` id="${id}"`}>${inner.join("")}</tr>`;
        };
        const isList = isListOfNames(file);
        const body = rows.map((cells) => row(cells, "td", isList ? nameIn(cells) : "")).join("");
        const names = header.map(({ tokens }) => tokens.map(wordsOf).join("")).join(", ");
        return (
          `<div class="table" tabindex="0" role="group" aria-label="Table: ${escape(names)}">` +
          `<table><thead>${row(header, "th")}</thead><tbody>${body}</tbody></table></div>`
        );
      },
    },
  });
  return marked;
}

/** Settings and metrics: each row is about one name, and is found by it. */
function isListOfNames(file: string): boolean {
  return /^docs\/reference\/(config|metrics)\.md$/.test(file);
}

function nameIn([first]: readonly Tokens.TableCell[]): string {
  return /^`(\w+)`$/.exec(first?.text ?? "")?.[1] ?? "";
}

function rowsIn(token: Token): Section[] {
  if (token.type !== "table") return [];
  return (token as Tokens.Table).rows.flatMap((cells) => {
    const text = nameIn(cells);
    const words = cells.slice(1).map(({ tokens }) => tokens.map(wordsOf).join(""));
    return text === "" ? [] : [{ depth: 4, id: text, text, words: words.join(" · ") }];
  });
}

/** What somebody reads, without the marks. */
export function wordsOf(token: Token): string {
  if (token.type === "table") {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows]
      .map((cells) => cells.map(({ tokens }) => tokens.map(wordsOf).join("")).join(" "))
      .join(" · ");
  }
  if (token.type === "list") return (token as Tokens.List).items.map(wordsOf).join(" · ");
  const inner = "tokens" in token ? token.tokens : undefined;
  if (inner && inner.length > 0) return inner.map(wordsOf).join("");
  if (token.type === "html" || token.type === "space") return " ";
  return "text" in token && typeof token.text === "string" ? token.text : "";
}
