import type { Request } from "express";
import { z } from "zod";
import { documentOf, sendDocument, type Document } from "../http/document.ts";
import { addressOf, assets, type Asset } from "../http/page.ts";
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

/** The docs of this version, by this server: pages, the same in Markdown, the search, for models. */
export function docsRoutes(routes: readonly Route[]): readonly Route[] {
  // Read when somebody asks: a server that nobody reads at pays nothing.
  let opened: Library | undefined;
  const library = (): Library => (opened ??= openLibrary(routes));
  const documents = new Map<string, Document>();
  const kept = (name: string, make: () => Document): Document => {
    const known = documents.get(name) ?? make();
    documents.set(name, known);
    return known;
  };
  const pageAt = (path: string): Document => {
    const twin = path.endsWith(".md");
    const pages = [...library().pages.values()];
    const page = pages.find(({ source: { address } }) =>
      twin ? markdownAddress(address) === path : address === path,
    );
    if (!page) throw new Problem("NOT_FOUND", "There is no such page. GET /docs lists all.");
    return kept(path, () =>
      twin ? documentOf(asServed(page.source), markdown) : documentOf(docPage(library(), page)),
    );
  };
  const get = (path: string, about: About, handle: Route["handle"]): Route => ({
    method: "get",
    path,
    needs: "nothing",
    about,
    handle,
  });
  const page: Route["handle"] = (req, res) => sendDocument(res, pageAt(req.path));
  const asset: Route["handle"] = (req, res) => {
    const name = req.path.slice("/docs/assets/".length) as Asset;
    const text = assets.get(name);
    if (text === undefined) throw new Problem("NOT_FOUND");
    sendDocument(
      res,
      kept(addressOf(name), () => assetOf(name, text)),
      true,
    );
  };
  const search = (req: Request) => {
    const { q } = readQueryBy(req, docsQuery);
    return { query: q, found: library().search(q, foundMax) };
  };
  return [
    { ...get("/docs/assets/:name.css", aboutAsset("css"), asset), limit: "none" },
    { ...get("/docs/assets/:name.js", aboutAsset("javascript"), asset), limit: "none" },
    get("/docs", aboutIndex, page),
    get("/docs/search", aboutSearch, (req, res) => {
      const { query, found } = search(req);
      sendPage(res, searchPage(library(), query, found));
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
    get("/llms.txt", aboutLlms, (_req, res) =>
      sendDocument(
        res,
        kept("llms", () => documentOf(llmsText(library()), plain)),
      ),
    ),
    get("/llms-full.txt", aboutLlmsFull, (_req, res) =>
      sendDocument(
        res,
        kept("llms-full", () => documentOf(llmsFullText(library()), plain)),
      ),
    ),
  ];
}

function assetOf(name: Asset, text: string): Document {
  const type = name.endsWith(".css") ? "text/css" : "text/javascript";
  return documentOf(text, `${type}; charset=utf-8`);
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
