import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The pages as they are written: the repository's `docs/`, and what those lead to beside it. */

const top = fileURLToPath(new URL("../../", import.meta.url));

const beside: Readonly<Record<string, string>> = {
  "docs/README.md": "/docs",
  "ARCHITECTURE.md": "/docs/architecture",
  "CHANGELOG.md": "/docs/changelog",
  "dsql-local/README.md": "/docs/dsql-local",
};

/** Where something is that is no page of these. */
const elsewhere: Readonly<Record<string, string>> = {
  "README.md": "/docs",
  "docs/reference/api.md": "/reference",
  "docs/reference/openapi.json": "/openapi.json",
};

export interface Source {
  /** In the repository. */
  readonly file: string;
  readonly address: string;
  readonly text: string;
}

export function readSources(): readonly Source[] {
  const inside = globSync("docs/**/*.md", { cwd: top }).map((file) => file.replaceAll("\\", "/"));
  const files = new Set([...Object.keys(beside), ...inside.toSorted()]);
  return [...files].map((file) => ({
    file,
    address: beside[file] ?? `/${file.slice(0, -".md".length)}`,
    text: readFileSync(`${top}${file}`, "utf8"),
  }));
}

/** Of the same page as it is written. */
export function markdownAddress(address: string): string {
  return address === "/docs" ? "/docs/index.md" : `${address}.md`;
}

/** Where a link leads that stands in a file; undefined where this server has nothing like it. */
export function addressOfLink(link: string, file: string): string | undefined {
  if (/^(\w+:|\/|#)/.test(link)) return link;
  const [path = "", anchor] = link.split("#");
  const target = posix.join(posix.dirname(file), path);
  const page = /^docs\/.*\.md$/.test(target) ? `/${target.slice(0, -".md".length)}` : undefined;
  const address = elsewhere[target] ?? beside[target] ?? page;
  if (address === undefined) return undefined;
  return anchor === undefined ? address : `${address}#${anchor}`;
}

/** The text with links that lead on from where this server shows it. */
export function asServed({ text, file }: Source): string {
  return text.replaceAll(/\]\((?!\w+:|\/|#)([^)\s]+)\)/g, (whole, link: string) => {
    const address = addressOfLink(link, file);
    if (address === undefined) return whole;
    const [path = "", anchor] = address.split("#");
    const isPage = path.startsWith("/docs");
    const to = link.includes("api.md") ? "/docs/reference/api.md" : path;
    const twin = isPage ? markdownAddress(path) : to;
    return `](${twin}${anchor === undefined ? "" : `#${anchor}`})`;
  });
}
