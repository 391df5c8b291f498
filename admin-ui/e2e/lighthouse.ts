import type { Browser } from "playwright-core";
import lighthouse, { desktopConfig, type Config, type Flags, type Result } from "lighthouse";
import { freePort } from "../../server/base/free-port.ts";
import { launchBrowser } from "./browser.ts";
import type { Stage } from "./harness.ts";
import { buy, makeOwnShop } from "./shop.ts";

/** The screens that are held to Lighthouse's figures. */
export const judged = [
  { name: "sign-in", path: "/sign-in", as: "visitor" },
  { name: "overview", path: "/", as: "ann" },
  { name: "purchases", path: "/purchases", as: "ann" },
] as const;

export type Judged = (typeof judged)[number];
export type Form = "desktop" | "phone";

/** So that the lists have rows. */
export async function fillForLighthouse(stage: Stage): Promise<void> {
  const shop = await makeOwnShop(stage);
  for (let n = 0; n < 20; n++) await buy(stage, shop);
}

export interface Judgement {
  /** Of a hundred, by category. */
  readonly scores: Readonly<Record<string, number>>;
  /** What it measured, in the words of its report. */
  readonly figures: string;
  /** What is wrong, as it names it. */
  readonly faults: readonly string[];
}

/** A browser of its own, which Lighthouse reaches by its port. */
export class Judge {
  readonly #stage: Stage;
  readonly #browser: Browser;
  readonly #port: number;

  private constructor(stage: Stage, browser: Browser, port: number) {
    this.#stage = stage;
    this.#browser = browser;
    this.#port = port;
  }

  static async open(stage: Stage): Promise<Judge> {
    const port = await freePort();
    return new Judge(stage, await launchBrowser([`--remote-debugging-port=${port}`]), port);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  async judge({ path, as }: Judged, form: Form, categories: readonly string[]): Promise<Judgement> {
    await this.#beSignedIn(as === "ann");
    const config: Config | undefined = form === "desktop" ? desktopConfig : undefined;
    const flags: Flags = { port: this.#port, onlyCategories: [...categories], logLevel: "error" };
    let run = await lighthouse(this.#stage.url + path, flags, config);
    // On a busy machine it may lose the beginning of its own recording.
    if (run?.lhr.runtimeError) run = await lighthouse(this.#stage.url + path, flags, config);
    if (!run) throw new Error("Lighthouse gave no report.");
    return judgementOf(run.lhr, new URL(path, this.#stage.url).href);
  }

  async #beSignedIn(isSignedIn: boolean): Promise<void> {
    const session = await this.#browser.newBrowserCDPSession();
    await session.send("Storage.clearCookies");
    if (isSignedIn) {
      const { cookie } = await this.#stage.claimed();
      const [name = "", value = ""] = cookie.split("=");
      await session.send("Storage.setCookies", {
        cookies: [{ name, value, url: this.#stage.url }],
      });
    }
    await session.detach();
  }
}

const measured = [
  "first-contentful-paint",
  "largest-contentful-paint",
  "total-blocking-time",
  "cumulative-layout-shift",
  "speed-index",
];

function judgementOf(report: Result, url: string): Judgement {
  if (report.runtimeError) throw new Error(report.runtimeError.message);
  // Who was sent to sign in would be judged for another page.
  if (report.finalDisplayedUrl !== url) throw new Error(`It ended at ${report.finalDisplayedUrl}.`);
  const scores = Object.values(report.categories).map(({ id, score }) => [id, (score ?? 0) * 100]);
  const figures = measured
    .map((name) => report.audits[name])
    .filter((audit) => audit?.displayValue !== undefined)
    .map((audit) => `${audit?.title} ${audit?.displayValue}`);
  const refs = Object.values(report.categories).flatMap(({ auditRefs }) => auditRefs);
  const faults = refs
    .map(({ id }) => report.audits[id])
    .filter((audit) => audit !== undefined && audit.score !== null && audit.score < 1)
    .map((audit) => `${audit?.id} (${audit?.score}): ${audit?.title}`);
  return { scores: Object.fromEntries(scores), figures: figures.join(", "), faults };
}
