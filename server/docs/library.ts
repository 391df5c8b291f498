import { lexer, type Tokens } from "marked";
import { operationIdOf } from "../http/openapi.ts";
import { isProblemCode, problemKinds } from "../http/problem-codes.ts";
import { problemReasons } from "../http/problem-reasons.ts";
import type { Route } from "../http/route.ts";
import { render, wordsOf, type Rendered } from "./markdown.ts";
import { addressOfLink, readSources, type Source } from "./sources.ts";
import { searchOver, type Entry, type Search } from "./search.ts";

/** All pages, in the order of the index, and what finds something in them. */

export interface DocPage extends Rendered {
  readonly source: Source;
  /** Why somebody would open it, in the index's words. */
  readonly about: string;
}

export interface Shelf {
  readonly name: string;
  readonly links: readonly {
    readonly to: string;
    readonly title: string;
    readonly about: string;
  }[];
}

export interface Library {
  readonly shelves: readonly Shelf[];
  readonly pages: ReadonlyMap<string, DocPage>;
  readonly search: Search;
}

export function openLibrary(routes: readonly Route[]): Library {
  const sources = readSources();
  const index = sources.find(({ address }) => address === "/docs");
  if (!index) throw new Error("docs/README.md, the index of the docs, is not there.");
  const shelves = shelvesIn(index);
  const abouts = new Map(shelves.flatMap(({ links }) => links.map((one) => [one.to, one.about])));
  const rendered = sources.map((source): [string, DocPage] => [
    source.address,
    { ...render(source), source, about: abouts.get(source.address) ?? "" },
  ]);
  const pages = new Map(rendered);
  const entries = [...entriesOfPages(pages), ...entriesOfProblems(), ...entriesOfRoutes(routes)];
  return { shelves, pages, search: searchOver(entries) };
}

/** The index is the navigation: a bold word that begins a paragraph names the list after it. */
function shelvesIn(index: Source): readonly Shelf[] {
  const shelves: Shelf[] = [];
  let name = "";
  for (const token of lexer(index.text)) {
    if (token.type === "paragraph") {
      const [first] = (token as Tokens.Paragraph).tokens;
      if (first?.type === "strong") name = (first as Tokens.Strong).text;
    }
    if (token.type !== "list" || name === "") continue;
    const links = (token as Tokens.List).items.flatMap((item) => linksIn(item, index.file));
    shelves.push({ name, links });
    name = "";
  }
  return shelves;
}

/** One with what is said about it, or several with commas between them. */
function linksIn(item: Tokens.ListItem, file: string): Shelf["links"] {
  const inline = item.tokens.flatMap((token) => ("tokens" in token ? (token.tokens ?? []) : []));
  const links = inline.filter((token): token is Tokens.Link => token.type === "link");
  const between = inline.filter((token) => token.type !== "link").map(wordsOf);
  if (between.every((words) => /^[,\s]*$/.test(words))) {
    return links.flatMap((link) => entryOf(link, "", file));
  }
  const [link] = links;
  const rest = link ? inline.slice(inline.indexOf(link) + 1).map(wordsOf) : [];
  return link ? entryOf(link, rest.join(""), file) : [];
}

function entryOf(link: Tokens.Link, rest: string, file: string): Shelf["links"] {
  const to = addressOfLink(link.href, file);
  if (to === undefined) return [];
  const about = rest.replace(/^[:,]?\s*/, "").replaceAll("\n", " ");
  const words = link.text.replaceAll("`", "");
  return [{ to, title: `${words.charAt(0).toUpperCase()}${words.slice(1)}`, about }];
}

/** The API's operations are found one by one; the index and the log of changes name everything. */
const unsearched = new Set(["/docs", "/docs/reference/api", "/docs/changelog"]);

function entriesOfPages(pages: ReadonlyMap<string, DocPage>): Entry[] {
  const read = [...pages.values()].filter(({ source: { address } }) => !unsearched.has(address));
  return read.flatMap(({ title, sections, source: { address } }) =>
    sections.map(({ id, text, words }) => ({
      page: title,
      title: text,
      href: id === "" ? address : `${address}#${id}`,
      words,
    })),
  );
}

function entriesOfProblems(): Entry[] {
  return Object.entries(problemKinds).map(([code, { title, todo, status }]) => ({
    page: "Problems",
    title: code,
    href: `/problems/${code}`,
    words: `${status} ${title}. ${isProblemCode(code) ? problemReasons[code] : ""} ${todo}`,
  }));
}

function entriesOfRoutes(routes: readonly Route[]): Entry[] {
  return routes
    .filter(({ path }) => path.startsWith("/v1/"))
    .map(({ method, path, about: { summary, says = "" } }) => ({
      page: "API reference",
      title: summary,
      href: `/reference#${operationIdOf(summary)}`,
      words: `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")} ${says}`,
    }));
}
