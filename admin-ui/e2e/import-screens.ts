import type { Page } from "playwright-core";
import { importShop, isShown, type ImportShop } from "./import-shop.ts";
import type { Shown } from "./screens.ts";

const at =
  (id: keyof ImportShop): Exclude<Shown["path"], string> =>
  async (stage) =>
    `/imports/${(await importShop(stage))[id]}`;
const shows = (text: string) => (page: Page) => isShown(page, text);

/** Imports: none, some, and one in each of its states. */
export const importScreens: readonly Shown[] = [
  { name: "imports-empty", path: "/mandates/import", ready: shows("None yet") },
  {
    name: "imports",
    async path(stage) {
      await importShop(stage);
      return "/items/import";
    },
    ready: shows("winter-catalogue.csv"),
  },
  { name: "import-mapping", path: at("uploadedId"), ready: shows("Which column is what") },
  {
    name: "import-mapping-faults",
    path: at("uploadedId"),
    async ready(page) {
      await page.getByLabel("SKU", { exact: true }).selectOption("none");
      await page.getByRole("button", { name: "Check every row" }).click();
      await isShown(page, "Is required");
    },
  },
  { name: "import-cut-off", path: at("cutOffId"), ready: shows("Choose the same file again") },
  { name: "import-checked", path: at("checkedId"), ready: shows("must be at least 0") },
  {
    name: "import-start",
    path: at("checkedId"),
    async ready(page) {
      await page.getByRole("button", { name: /^Import 60 items/ }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "import-importing", path: at("importingId"), ready: shows("You can close this page") },
  { name: "import-done", path: at("doneId"), ready: shows("It can be undone") },
  {
    name: "import-undo",
    path: at("doneId"),
    async ready(page) {
      await page.getByRole("button", { name: "Undo this import" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  { name: "import-undone", path: at("undoneId"), ready: shows("1 row in use") },
  { name: "import-rejected", path: at("rejectedId"), ready: shows("cannot be imported") },
  {
    name: "import-unknown",
    path: "/imports/01a1f993-84cc-7a17-85e2-7d51c3a2ba32",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
];
