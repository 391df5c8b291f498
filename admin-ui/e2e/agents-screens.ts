import type { Page } from "playwright-core";
import { rollUpAgents } from "../../server/agents/roll-up.ts";
import type { Stage } from "./harness.ts";
import { evilName, moneyShop, type MoneyShop } from "./money-shop.ts";
import type { Shown } from "./screens.ts";

/** Counts at once what a server counts half a minute later. */
export async function countedAgents(stage: Stage): Promise<MoneyShop> {
  const shop = await moneyShop(stage);
  const { tenants } = (await stage.claimed()).session;
  await rollUpAgents(stage.api.database.db, tenants.test, { marginSeconds: 0 });
  return shop;
}

const made = new WeakMap<Stage, Promise<void>>();

async function blockOne(stage: Stage): Promise<void> {
  await countedAgents(stage);
  await stage.call("POST", "/v1/agents/agent-3/block", { reason: "asks every second" });
}

const filled = (name: string, path: string, ready: (page: Page) => Promise<void>): Shown => ({
  name,
  async path(stage) {
    const known = made.get(stage) ?? blockOne(stage);
    made.set(stage, known);
    await known;
    return path;
  },
  ready,
});

const heading = (name: string) => (page: Page) => page.getByRole("heading", { name }).waitFor();

/** The states of Agents. */
export const agentScreens: readonly Shown[] = [
  filled("agents", "/agents", (page) => page.getByRole("link", { name: "agent-7" }).waitFor()),
  filled("agents-blocked", "/agents?state=blocked", (page) =>
    page.getByRole("link", { name: "agent-3" }).waitFor(),
  ),
  filled("agent", "/agents/agent-7", heading("What refused it")),
  filled("agent-blocked", "/agents/agent-3", (page) => page.getByText("It buys nothing").waitFor()),
  filled("agent-evil", `/agents/${encodeURIComponent(evilName)}`, heading("Who it is")),
  filled("agent-block", "/agents/agent-7", async (page) => {
    await page.getByRole("button", { name: "Block …" }).click();
    await page.getByLabel("Why").waitFor();
  }),
  {
    name: "agents-empty",
    path: "/agents",
    async ready(page) {
      await page.evaluate(() => sessionStorage.setItem("zerorace-mode", "live"));
      await page.reload();
      await page.getByText("No agent has asked yet").waitFor();
    },
  },
  {
    name: "agents-error",
    path: "/agents?cursor=x",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
];
