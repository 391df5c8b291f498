import type { Page } from "playwright-core";
import { moneyShop } from "./money-shop.ts";
import type { Shown } from "./screens.ts";

const filled = (name: string, path: string): Shown => ({
  name,
  async path(stage) {
    await moneyShop(stage);
    return path;
  },
  async ready(page: Page) {
    await page.getByRole("table", { name: "Usage", exact: true }).getByRole("row").nth(1).waitFor();
    await page.getByRole("table", { name: "Usage by key" }).getByRole("row").nth(1).waitFor();
  },
});

/** The states of Usage. */
export const usageScreens: readonly Shown[] = [
  filled("usage", "/usage"),
  filled("usage-months", "/usage?by=month"),
  {
    name: "usage-empty",
    path: "/usage?from=2020-01-01&to=2020-01-31",
    ready: (page) => page.getByText("Nothing was asked in these days").waitFor(),
  },
  {
    name: "usage-error",
    path: "/usage?from=yesterday",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
];
