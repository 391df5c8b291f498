import type { Page } from "playwright-core";
import type { SessionView } from "../../server/auth/wire.ts";
import type { Shown } from "./screens.ts";

/** The page believes that it is of another build than the server has by now. */
export async function openOldPage(page: Page, path: string): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const body = html.replace(/(src="\/assets\/[^"]+\.js)"/, '$1?before"');
      await route.fulfill({ response, body });
    },
  );
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

export async function goOfflineAndBack(page: Page): Promise<void> {
  const live = page.getByRole("status").filter({ hasText: /^Live$/ });
  await live.waitFor();
  await page.context().setOffline(true);
  await page.getByText("You are offline.").waitFor();
  await page.context().setOffline(false);
  await live.waitFor();
}

/** What everybody hopes not to see. */
export const errorScreens: readonly Shown[] = [
  { name: "not-found", path: "/purchase-history" },
  {
    name: "offline",
    path: "/",
    async ready(page) {
      await page
        .getByRole("status")
        .filter({ hasText: /^Live$/ })
        .waitFor();
      await page.context().setOffline(true);
      await page.getByText("You are offline.").waitFor();
    },
  },
  {
    name: "suspended",
    path: "/",
    async ready(page) {
      await page.route("**/v1/session", async (route) => {
        const response = await route.fetch();
        const json = (await response.json()) as SessionView;
        const since = new Date(Date.now() - 3_600_000).toISOString();
        const reason = "Three invoices are unpaid: call 555 0100, and it is open within the hour.";
        const organisation = { ...json.organisation, suspension: { since, reason } };
        const person = { ...json.person, isInstanceOperator: false };
        await route.fulfill({ response, json: { ...json, organisation, person } });
      });
      await page.reload();
      await page.getByRole("heading", { name: /is suspended$/, level: 1 }).waitFor();
    },
  },
  {
    name: "new-version",
    path: "/",
    async ready(page) {
      await openOldPage(page, "/runs");
      await goOfflineAndBack(page);
      await page.getByText("There is a new version of this console.", { exact: false }).waitFor();
    },
  },
];
