import type { Request } from "express";
import { z } from "zod";
import { documentOf, sendDocument, type Document } from "../http/document.ts";
import { assets, type Asset } from "../http/page.ts";
import { Problem } from "../http/problem.ts";
import { readQueryBy } from "../http/query.ts";
import type { About, Route } from "../http/route.ts";
import { sendJson, sendPage } from "../http/send.ts";
import { openLibrary, type Library } from "./library.ts";
import { llmsFullText, llmsText } from "./llms.ts";
import { docPage, searchPage } from "./pages.ts";
import { asServed, markdownAddress } from "./sources.ts";
import { docsFound, docsQuery } from "./wire.ts";

const markdown = "text/markdown; charset=utf-8";
const plain = "text/plain; charset=utf-8";
const foundMax = 20;

/** What is read, made and packed once; when somebody asks: a server that nobody reads at pays nothing. */
class Desk {
  readonly #routes: readonly Route[];
  readonly #documents = new Map<string, Document>();
  #library: Library | undefined;

  constructor(routes: readonly Route[]) {
    this.#routes = routes;
  }

  get library(): Library {
    return (this.#library ??= openLibrary(this.#routes));
  }

  kept(name: string, make: () => Document): Document {
    const known = this.#documents.get(name) ?? make();
    this.#documents.set(name, known);
    return known;
  }

  page(path: string): Document {
    const twin = path.endsWith(".md");
    const pages = [...this.library.pages.values()];
    const page = pages.find(({ source: { address } }) =>
      twin ? markdownAddress(address) === path : address === path,
    );
    if (!page)
      throw new Problem("NOT_FOUND", "The docs have no such page: the index at /docs lists all.");
    const make = (): Document =>
      twin ? documentOf(asServed(page.source), markdown) : documentOf(docPage(this.library, page));
    return this.kept(path, make);
  }

  asset(name: string): Document {
    const text = assets.get(name as Asset);
    if (text === undefined) throw new Problem("NOT_FOUND");
    const type = name.endsWith(".css") ? "text/css" : "text/javascript";
    return this.kept(name, () => documentOf(text, `${type}; charset=utf-8`));
  }
}

/** The docs of this version, by this server: pages, the same in Markdown, the search, for models. */
export function docsRoutes(routes: readonly Route[]): readonly Route[] {
  const desk = new Desk(routes);
  const get = (path: string, about: About, handle: Route["handle"]): Route => ({
    method: "get",
    path,
    needs: "nothing",
    about,
    handle,
  });
  const page: Route["handle"] = (req, res) => sendDocument(res, desk.page(req.path));
  const asset: Route["handle"] = (req, res) => {
    sendDocument(res, desk.asset(req.path.slice("/docs/assets/".length)), true);
  };
  const search = (req: Request) => {
    const { q } = readQueryBy(req, docsQuery);
    return { query: q, found: desk.library.search(q, foundMax) };
  };
  const text = (path: string, about: About, make: (library: Library) => string): Route =>
    get(path, about, (_req, res) => {
      const document = desk.kept(path, () => documentOf(make(desk.library), plain));
      sendDocument(res, document);
    });
  return [
    { ...get("/docs/assets/:name.css", aboutAsset("css"), asset), limit: "none" },
    { ...get("/docs/assets/:name.js", aboutAsset("javascript"), asset), limit: "none" },
    get("/docs", aboutIndex, page),
    get("/docs/search", aboutSearch, (req, res) => {
      const { query, found } = search(req);
      sendPage(res, searchPage(desk.library, query, found));
    }),
    get("/docs/search.json", aboutFound, (req, res) => {
      sendJson(res, 200, JSON.stringify({ data: search(req).found }));
    }),
    get("/docs/:page.md", aboutPage("Get a page as Markdown", "text/markdown"), page),
    get("/docs/:page", aboutPage("Get a page of the docs", "text/html"), page),
    get(
      "/docs/:section/:page.md",
      aboutPage("Get a page of a section as Markdown", "text/markdown"),
      page,
    ),
    get("/docs/:section/:page", aboutPage("Get a page of a section", "text/html"), page),
    text("/llms.txt", aboutLlms, llmsText),
    text("/llms-full.txt", aboutLlmsFull, llmsFullText),
  ];
}

const word = z.string();
const aboutPage = (summary: string, type: string): About => ({
  summary,
  params: { section: word, page: word },
  answers: { 200: type },
  problems: ["NOT_FOUND"],
});
const aboutIndex: About = { summary: "Get the index of the docs", answers: { 200: "text/html" } };
const aboutSearch: About = {
  summary: "Show what the docs have",
  query: docsQuery,
  answers: { 200: "text/html" },
};
const aboutFound: About = {
  summary: "Search the docs",
  query: docsQuery,
  answers: { 200: docsFound },
};
const aboutLlms: About = { summary: "List the docs for models", answers: { 200: "text/plain" } };
const aboutLlmsFull: About = { summary: "Get all docs as text", answers: { 200: "text/plain" } };
const aboutAsset = (kind: "css" | "javascript"): About => ({
  summary: kind === "css" ? "Get the style of pages" : "Get a script of pages",
  params: { name: word },
  answers: { 200: `text/${kind}` },
  problems: ["NOT_FOUND"],
});
