import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

interface Axe {
  readonly run: (
    root: Document,
    options: object,
  ) => Promise<{ readonly violations: readonly Violation[]; readonly passes: readonly unknown[] }>;
}

/** What axe finds wrong with the page as it is now, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  // Past the policy: by the debugger, as a script of its own world would be.
  await page.evaluate(axe);
  for (const theme of ["light", "dark"]) {
    const found = await page.evaluate(
      async ({ theme: name, tags: values }) => {
        document.documentElement.dataset.theme = name;
        // What lies under the bar at the top counts as covered, and as too small to be hit.
        scrollTo(0, 0);
        // Before its font is there, words stand elsewhere than people will see them.
        await document.fonts.ready;
        await Promise.all(document.getAnimations().map(({ finished }) => finished));
        const runner = (globalThis as unknown as { axe: Axe }).axe;
        const { violations, passes } = await runner.run(document, { runOnly: values });
        return { violations, passes: passes.length };
      },
      { theme, tags },
    );
    expect(found.passes).toBeGreaterThan(5);
    const said = found.violations.map((one) => `${theme}: ${wordsOf(one)}`);
    if (said.length > 0) expect.fail(said.join("\n"));
  }
}

/** In few lines: the first of a hundred rows says what is wrong with all of them. */
function wordsOf({ id, help, nodes }: Violation): string {
  const shown = nodes.slice(0, 3).map(({ html, failureSummary = "" }) => {
    const [, ...why] = failureSummary.split("\n").map((line) => line.trim());
    return `  ${html.slice(0, 160)}\n    ${why.slice(0, 2).join("; ")}`;
  });
  const more = nodes.length > shown.length ? [`  and ${nodes.length - shown.length} more`] : [];
  return [`${id}: ${help}`, ...shown, ...more].join("\n");
}
