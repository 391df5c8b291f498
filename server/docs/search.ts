/** A search over some hundred short texts: all in memory, no index but the words themselves. */

export interface Entry {
  /** Of the page that it is in. */
  readonly page: string;
  readonly title: string;
  readonly href: string;
  readonly words: string;
}

export interface Found {
  readonly page: string;
  readonly title: string;
  readonly href: string;
  /** Some words around what was looked for. */
  readonly excerpt: string;
}

export type Search = (query: string, limit: number) => readonly Found[];

interface Known extends Entry {
  readonly inTitle: string;
  readonly inPage: string;
  readonly inWords: string;
}

export function searchOver(entries: readonly Entry[]): Search {
  const known = entries.map((entry): Known => ({
    ...entry,
    inTitle: entry.title.toLowerCase(),
    inPage: entry.page.toLowerCase(),
    inWords: entry.words.toLowerCase(),
  }));
  return (query, limit) => {
    const wanted = termsOf(query);
    if (wanted.length === 0) return [];
    const scored = known.map((entry) => ({
      entry,
      scores: wanted.map((term) => score(entry, term)),
    }));
    const all = scored.filter(({ scores }) => scores.every((one) => one > 0));
    // Nothing has all of the words: then whatever has most of them.
    const some =
      all.length > 0 ? all : scored.filter(({ scores }) => scores.some((one) => one > 0));
    return some
      .map(({ entry, scores }) => ({ entry, sum: sumOf(scores) }))
      .toSorted((one, other) => other.sum - one.sum)
      .slice(0, limit)
      .map(({ entry }) => found(entry, wanted));
  };
}

export function termsOf(query: string): readonly string[] {
  const terms = query.toLowerCase().match(/[\p{L}\p{N}_./-]+/gu) ?? [];
  return [...new Set(terms.map((term) => term.replace(/^[./-]+|[./-]+$/g, "")))]
    .filter((term) => term !== "")
    .slice(0, 12);
}

const sumOf = (scores: readonly number[]): number => scores.reduce((sum, one) => sum + one, 0);

function score({ inTitle, inPage, inWords }: Known, term: string): number {
  const title =
    inTitle === term ? 12 : startsWord(inTitle, term) ? 8 : inTitle.includes(term) ? 5 : 0;
  const page = startsWord(inPage, term) ? 3 : inPage.includes(term) ? 1 : 0;
  const times = inWords.split(term, 6).length - 1;
  const text = times === 0 ? 0 : 1 + 0.2 * times + (startsWord(inWords, term) ? 1 : 0);
  return title + page + text;
}

function startsWord(text: string, term: string): boolean {
  return text.startsWith(term) || text.includes(` ${term}`);
}

const before = 60;
const after = 120;

function found({ page, title, href, words, inWords }: Known, wanted: readonly string[]): Found {
  const places = wanted.map((term) => inWords.indexOf(term)).filter((at) => at >= 0);
  const at = places.length === 0 ? 0 : Math.min(...places);
  const from = at <= before ? 0 : words.indexOf(" ", at - before) + 1;
  const to = Math.min(words.length, at + after);
  const excerpt = `${from > 0 ? "… " : ""}${words.slice(from, to).trim()}${to < words.length ? " …" : ""}`;
  return { page, title, href, excerpt };
}
