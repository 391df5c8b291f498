import { escape, pageOf } from "../http/page.ts";
import type { DocPage, Library, Shelf } from "./library.ts";
import { termsOf, type Found } from "./search.ts";
import { markdownAddress } from "./sources.ts";

/** A page of the docs: the navigation, the text, and what is in it. */
export function docPage({ shelves }: Library, page: DocPage): string {
  const { title, html, headings, source } = page;
  const { address } = source;
  const markdown = markdownAddress(address);
  const isIndex = address === "/docs";
  const contents = headings.filter(({ depth }) => depth === 2);
  const aside =
    contents.length < 2 || isIndex
      ? ""
      : `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${contents
          .map(({ id, text }) => `<li><a href="#${id}">${escape(text)}</a></li>`)
          .join("")}</ul></nav>`;
  const foot =
    `<footer><p><a href="${markdown}">This page as Markdown</a></p>` +
    `${nextOf(shelves, address)}</footer>`;
  return pageOf({
    title: escape(title),
    kind: "docs",
    place: "/docs",
    markdown,
    body: `${navigation(shelves, address)}<main id="main" tabindex="-1"><div class="prose">${html}</div>${foot}</main>${aside}`,
  });
}

function navigation(shelves: readonly Shelf[], address: string): string {
  const groups = shelves.map(({ name, links }) => {
    const lines = links.map(({ to, title }) => {
      const here = to === address ? ' aria-current="page"' : "";
      return `<li><a href="${to}"${here}>${escape(title)}</a></li>`;
    });
    return `<h2>${escape(name)}</h2><ul>${lines.join("")}</ul>`;
  });
  return (
    '<details class="menu" open><summary>Pages</summary>' +
    `<nav aria-label="Pages of the docs">${groups.join("")}</nav></details>`
  );
}

function nextOf(shelves: readonly Shelf[], address: string): string {
  const pages = shelves.flatMap(({ links }) => links).filter(({ to }) => to.startsWith("/docs/"));
  const at = pages.findIndex(({ to }) => to === address);
  const next = at === -1 ? undefined : pages[at + 1];
  if (!next) return "";
  return `<p class="next">Next: <a href="${next.to}">${escape(next.title)}</a></p>`;
}

export function searchPage({ shelves }: Library, query: string, found: readonly Found[]): string {
  const said =
    query.trim() === ""
      ? "<p>Type what you look for: a word, a setting, a path, a problem's code.</p>"
      : found.length === 0
        ? `<p>Nothing has these words. The <a href="/docs">index</a> has every page.</p>`
        : `<ol class="found">${found.map((one) => foundOf(one, query)).join("")}</ol>`;
  const heading = query.trim() === "" ? "Search" : `Search: ${escape(query.trim())}`;
  return pageOf({
    title: heading,
    kind: "docs",
    place: "/docs",
    query,
    body: `${navigation(shelves, "")}<main id="main" tabindex="-1"><div class="prose"><h1>${heading}</h1>${said}</div></main>`,
  });
}

function foundOf({ page, title, href, excerpt }: Found, query: string): string {
  const where = page === title ? "" : ` <span>${escape(page)}</span>`;
  return `<li><p><a href="${href}">${escape(title)}</a>${where}</p><p>${marked(excerpt, query)}</p></li>`;
}

/** Word by word, so that nothing is marked inside of an entity. */
function marked(text: string, query: string): string {
  const terms = termsOf(query);
  return text
    .split(/(\s+)/)
    .map((word) => {
      const isWanted = terms.some((term) => word.toLowerCase().includes(term));
      return isWanted ? `<mark>${escape(word)}</mark>` : escape(word);
    })
    .join("");
}
