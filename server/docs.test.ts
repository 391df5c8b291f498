import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const top = fileURLToPath(new URL("..", import.meta.url));
const pages = globSync("{*.md,docs/**/*.md,*/README.md}", {
  cwd: top,
  exclude: (path) => path.includes("node_modules"),
});
const textOf = (page: string): Promise<string> => readFile(join(top, page), "utf8");

let scripts: readonly string[];
let commands: readonly string[];
beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["server/cli.ts", "help"], {
    cwd: top,
  });
  commands = [...stdout.matchAll(/^ {2}([a-z][a-z -]*?) {2,}/gm)].map(([, name = ""]) => name);
  scripts = Object.keys((JSON.parse(await textOf("package.json")) as { scripts: object }).scripts);
}, 60_000);

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

it("knows the pages", () => {
  expect(pages).toContain("docs/tutorial/quickstart.md");
});

describe.each(pages)("%s", (page) => {
  it("names scripts and commands that there are", async () => {
    const text = await textOf(page);
    for (const [, name] of text.matchAll(/npm run (?:--silent |-s )?([\w:]+)/g)) {
      expect(scripts).toContain(name);
    }
    for (const [, words = ""] of text.matchAll(/zerorace -- ([a-z][a-z-]*(?: [a-z]+)?)/g)) {
      const [first = ""] = words.split(" ");
      if (first !== "help")
        expect(commands.includes(words) || commands.includes(first), words).toBe(true);
    }
  });

  it("leads only to what is there", async () => {
    const text = await textOf(page);
    for (const [, path = "", anchor] of text.matchAll(/\]\((?!\w+:)([^)#\s]*)#?([^)\s]*)\)/g)) {
      const target = path === "" ? page : join(dirname(page), path);
      await expect(access(join(top, target)), `${path} of ${page}`).resolves.toBeUndefined();
      if (anchor) expect(anchorsOf(await textOf(target)), `${path}#${anchor}`).toContain(anchor);
    }
  });
});

it("the index of the docs has every page of them", async () => {
  const index = await textOf("docs/README.md");
  for (const page of pages.filter((one) => one.startsWith("docs/") && one !== "docs/README.md")) {
    expect(index).toContain(`(${page.slice("docs/".length)})`);
  }
});
