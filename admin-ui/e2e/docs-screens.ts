import type { Shown } from "./screens.ts";

/** What the server shows without the console: the docs, the reference, problems, the sandbox. */
export const docsScreens: readonly Shown[] = [
  { name: "docs", as: "visitor", path: "/docs" },
  { name: "docs-page", as: "visitor", path: "/docs/how-to/agents" },
  { name: "docs-settings", as: "visitor", path: "/docs/reference/config" },
  {
    name: "docs-searching",
    as: "visitor",
    path: "/docs/tutorial/quickstart",
    async ready(page) {
      await page.keyboard.press("/");
      await page.keyboard.type("retry");
      await page.getByRole("option").first().waitFor();
      await page.keyboard.press("ArrowDown");
    },
  },
  { name: "docs-found", as: "visitor", path: "/docs/search?q=idempotency+key" },
  { name: "docs-nothing-found", as: "visitor", path: "/docs/search?q=qwertzuiop" },
  { name: "docs-not-found", as: "visitor", path: "/docs/how-to/nothing" },
  {
    name: "reference",
    as: "visitor",
    path: "/reference",
    async ready(page) {
      // All operations look alike, and axe takes a minute for all of them.
      await page.evaluate(() => {
        for (const one of [...document.querySelectorAll("article")].slice(5)) one.remove();
        for (const one of document.querySelectorAll("section")) {
          if (!one.querySelector("article")) one.remove();
        }
      });
    },
  },
  { name: "problems", as: "visitor", path: "/problems" },
  { name: "problem", as: "visitor", path: "/problems/OUTCOME_UNKNOWN" },
  {
    name: "sandbox",
    as: "visitor",
    path: "/sandbox",
    async ready(page) {
      await page.getByText("$25.00").waitFor();
    },
  },
  {
    name: "sandbox-bought",
    as: "visitor",
    path: "/sandbox",
    async ready(page) {
      await page.getByRole("button", { name: "Buy", exact: true }).click();
      await page.getByText("Bought for $25.00.", { exact: false }).waitFor();
    },
  },
  {
    name: "sandbox-declined",
    as: "visitor",
    path: "/sandbox",
    async ready(page) {
      await page.getByRole("button", { name: "Ask for more than there is" }).click();
      await page.getByText("Declined:", { exact: false }).waitFor();
    },
  },
];
