import type { Page } from "playwright-core";
import { makeClaimLink } from "../../server/entrance/claim.ts";
import type { Stage } from "./harness.ts";
import { agentScreens } from "./agents-screens.ts";
import { auditScreens } from "./audit-screens.ts";
import { importScreens } from "./import-screens.ts";
import { sellingScreens } from "./selling-screens.ts";
import { playgroundScreens } from "./playground-screens.ts";
import { moneyScreens } from "./money-screens.ts";
import { overviewScreens } from "./overview-screens.ts";
import { docsScreens } from "./docs-screens.ts";
import { errorScreens } from "./error-screens.ts";
import { runScreens } from "./run-screens.ts";
import { governScreens } from "./govern-screens.ts";
import { requestScreens } from "./request-screens.ts";
import { webhookScreens } from "./webhook-screens.ts";
import { usageScreens } from "./usage-screens.ts";

/** A screen in one of its states: photographed, and looked at by axe, in light and dark. */
export interface Shown {
  /** Of the picture: "purchases-empty". */
  readonly name: string;
  /** As somebody who has signed in sees it, or as a visitor does. */
  readonly as?: "ann" | "visitor";
  /** Where it is; a function where an id has to be made first. */
  readonly path: string | ((stage: Stage) => Promise<string>);
  /** Fills, opens, waits for what has to be seen. */
  readonly ready?: (page: Page, stage: Stage) => Promise<void>;
}

async function invited(stage: Stage, path: string, more: object = {}): Promise<string> {
  const email = "dee.dorn@agency.example";
  return (await stage.call<{ token: string }>("POST", path, { email, ...more })).token;
}

/** What the server allows where all of them are looked at. */
export const settingsOfScreens = {
  ZERORACE_SIGN_UP: "open",
  ZERORACE_WEBHOOK_TARGETS: "any",
  ZERORACE_RUN_FAULTS: "1",
} as const;

/** Every screen. Whoever builds one adds its states here: empty, filled, with an error. */
export const screens: readonly Shown[] = [
  { name: "sign-in", as: "visitor", path: "/sign-in" },
  {
    name: "sign-in-wrong",
    as: "visitor",
    path: "/sign-in",
    async ready(page) {
      await page.getByLabel("Email").fill("somebody@example.com");
      await page.getByLabel("Password", { exact: true }).fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "claim",
    as: "visitor",
    async path(stage) {
      const { db } = stage.api.database;
      const actor = { kind: "command", id: "screens" } as const;
      const made = await makeClaimLink(db, { actor, replacesOperator: true });
      return `/claim#${made.kind === "made" ? made.token : ""}`;
    },
    ready: (page) => page.getByLabel("Organisation").waitFor(),
  },
  {
    name: "claim-used",
    as: "visitor",
    path: "/claim#zrl_an-example-of-a-token",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "sign-up-faults",
    as: "visitor",
    path: "/sign-up",
    async ready(page) {
      await page.getByRole("button", { name: "Make the account" }).click();
      await page.getByText("Must not be empty").first().waitFor();
    },
  },
  {
    name: "join",
    as: "visitor",
    path: async (stage) => `/join#${await invited(stage, "/v1/invitations", { role: "viewer" })}`,
    ready: (page) => page.getByRole("heading", { name: /^Join / }).waitFor(),
  },
  {
    name: "join-founder",
    as: "visitor",
    path: async (stage) => `/join#${await invited(stage, "/v1/instance/invitations")}`,
    ready: (page) => page.getByLabel("Organisation").waitFor(),
  },
  {
    name: "join-used",
    as: "visitor",
    path: "/join#zrl_an-example-of-a-token",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "recover",
    as: "visitor",
    async path(stage) {
      const { personId } = await stage.person("viewer");
      const { token } = await stage.call<{ token: string }>("POST", "/v1/recoveries", { personId });
      return `/recover#${token}`;
    },
    ready: (page) => page.getByLabel("Password", { exact: true }).waitFor(),
  },
  ...overviewScreens,
  {
    name: "palette",
    path: "/",
    async ready(page) {
      await page.keyboard.press("Control+k");
      await page.getByRole("listbox").waitFor();
    },
  },
  {
    name: "shortcuts",
    path: "/",
    async ready(page) {
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "account-menu",
    path: "/",
    async ready(page) {
      await page.getByRole("button", { name: "Account of Ann Lee" }).click();
      await page.getByRole("menu").waitFor();
    },
  },
  ...errorScreens,
  ...docsScreens,
  ...runScreens,
  ...sellingScreens,
  ...playgroundScreens,
  ...moneyScreens,
  ...governScreens,
  ...auditScreens,
  ...webhookScreens,
  ...agentScreens,
  ...usageScreens,
  ...requestScreens,
  ...importScreens,
];

/** Opens it as it is in the list. */
export async function openShown(
  stage: Stage,
  shown: Shown,
  viewport: { readonly width: number; readonly height: number },
  theme: "light" | "dark",
): Promise<Page> {
  const path = typeof shown.path === "string" ? shown.path : await shown.path(stage);
  const options = { viewport, colorScheme: theme, reducedMotion: "reduce" } as const;
  if (shown.as !== "visitor") {
    const page = await stage.signedInPage(path, options);
    await shown.ready?.(page, stage);
    return page;
  }
  const page = await stage.newPage(options);
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shown.ready?.(page, stage);
  return page;
}
