import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { makeClaimLink } from "../../server/entrance/claim.ts";
import { readConfig } from "../../server/base/config.ts";
import { makeLog } from "../../server/base/log.ts";
import { sealingKeyOfTests, startApi, type TestApi } from "../../server/testing/api.ts";
import { openTest } from "../../server/testing/database.ts";
import { hasRedis, startPlainRedis, type PlainRedis } from "../../server/testing/redis-servers.ts";
import { freePort } from "../../server/base/free-port.ts";
import type { Role } from "../../server/auth/roles.ts";
import { makePerson, type SignedIn } from "../../server/testing/people.ts";
import { startWorker } from "../../worker/main.ts";
import { launchBrowser } from "./browser.ts";

export const ann = {
  organisation: "Northlight Studio",
  name: "Ann Lee",
  email: "ann@example.com",
  password: "correct horse battery",
};

interface Session {
  readonly person: { readonly id: string };
  readonly organisation: { readonly id: string };
  readonly tenants: { readonly live: string; readonly test: string };
}

/** A page of a test: what it did wrong fails the test when the stage looks. */
export interface Opened {
  readonly page: Page;
  readonly faults: string[];
}

/** A server with a fresh database and a Redis of its own, and a browser. */
export class Stage {
  readonly api: TestApi;
  readonly #browser: Browser;
  #redis: PlainRedis | undefined;
  readonly #opened: Opened[] = [];
  readonly #forgiven: RegExp[] = [];
  #claimed: { readonly cookie: string; readonly session: Session } | undefined;

  private constructor(api: TestApi, browser: Browser, redis: PlainRedis | undefined) {
    this.api = api;
    this.#browser = browser;
    this.#redis = redis;
  }

  static async open(
    env: Record<string, string> = {},
    throughNetwork?: (url: string) => Promise<string>,
  ): Promise<Stage> {
    const browser = await launchBrowser();
    const redis = hasRedis ? await startPlainRedis(await freePort()) : undefined;
    const settings = { ...(redis && { ZERORACE_REDIS_URL: redis.url }), ...env };
    const api = await startApi(settings, throughNetwork);
    return new Stage(api, browser, redis);
  }

  /** As when its machine goes down; `startRedis` brings an empty one, at the same address. */
  async stopRedis(): Promise<void> {
    await this.#redis?.stop();
  }

  async startRedis(): Promise<void> {
    if (this.#redis) this.#redis = await startPlainRedis(Number(new URL(this.#redis.url).port));
  }

  get url(): string {
    return this.api.url;
  }

  /** A worker on the stage's database, which works until the test ends. */
  async startWorker(): Promise<void> {
    const config = readConfig({
      ZERORACE_QUEUE: "off",
      ZERORACE_WORKER_METRICS_PORT: "0",
      ZERORACE_SEALING_KEY: sealingKeyOfTests,
      ZERORACE_WEBHOOK_TARGETS: "any",
      ...(this.#redis && { ZERORACE_REDIS_URL: this.#redis.url }),
    });
    const log = makeLog("test", { logLevel: "silent" });
    // Both have metrics of the process, so each has a registry.
    const db = openTest(this.api.database.url);
    const worker = await startWorker(config, db, log);
    onTestFinished(async () => {
      await worker.drain();
      await db.close();
    });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.api.close();
    await this.#redis?.stop();
  }

  /** The token at the end of a fresh claim link. */
  async claimToken(): Promise<string> {
    const actor = { kind: "command", id: "test" } as const;
    const made = await makeClaimLink(this.api.database.db, { actor });
    if (made.kind !== "made") throw new Error("This instance is claimed already.");
    return made.token;
  }

  /** Claims the instance, once. The cookie is that of Ann, its owner and operator. */
  async claimed(): Promise<{ readonly cookie: string; readonly session: Session }> {
    if (this.#claimed) return this.#claimed;
    const body = JSON.stringify({ token: await this.claimToken(), ...ann });
    const headers = { "Content-Type": "application/json" };
    const send = () => fetch(`${this.url}/v1/claim`, { method: "POST", headers, body });
    let response = await send();
    // On a busy machine its Redis may be late for the first requests: then nothing was changed.
    for (const until = Date.now() + 20_000; response.status === 503 && Date.now() < until;) {
      await sleep(500);
      response = await send();
    }
    if (!response.ok) throw new Error(await response.text());
    const cookie = response.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
    return (this.#claimed = { cookie, session: (await response.json()) as Session });
  }

  /** A request as Ann sends it, in the test tenant unless another is named: to fill what is looked at. */
  async call<View>(method: string, path: string, body?: unknown, tenant?: string): Promise<View> {
    const { cookie } = await this.claimed();
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Cookie: cookie,
        ...(tenant !== undefined && { "ZeroRace-Tenant": tenant }),
        ...(body !== undefined && {
          "Content-Type": "application/json",
          "Idempotency-Key": crypto.randomUUID(),
        }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as View;
  }

  /** A page of a browser that nobody has used, at no address yet. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const url = options.baseURL ?? this.url;
    const context = await this.#browser.newContext({ ...options, baseURL: url });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const faults: string[] = [];
    this.#opened.push({ page, faults });
    page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // A refused request is an answer, which the page shows; the browser calls each of them an error.
      const isRefusal = /Failed to load resource: the server responded with a status of 4/;
      const isBad = message.type() === "error" || message.type() === "warning";
      if (isBad && !isRefusal.test(message.text())) faults.push(message.text());
    });
    await context.route(
      (to) => to.origin !== url,
      async (route) => {
        faults.push(`request to another origin: ${route.request().url()}`);
        await route.abort();
      },
    );
    return page;
  }

  /** Where Ann has signed in, at this path. */
  async signedInPage(path = "/", options: BrowserContextOptions = {}): Promise<Page> {
    const { cookie } = await this.claimed();
    return this.pageAs(cookie, path, options);
  }

  /** Somebody in Ann's organisation, or the owner of another one: signed in. */
  async person(role: Role, isElsewhere = false): Promise<SignedIn> {
    const { db } = this.api.database;
    if (isElsewhere) return makePerson(db, { role });
    const { session } = await this.claimed();
    const { live, test } = session.tenants;
    const organisationId = session.organisation.id;
    const home = { organisationId, liveTenantId: live, testTenantId: test };
    return makePerson(db, { role, home });
  }

  /** Where somebody with this cookie has signed in. */
  async pageAs(cookie: string, path = "/", options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.newPage(options);
    const [name = "", value = ""] = cookie.split("=");
    await page.context().addCookies([{ name, value, url: this.url }]);
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page;
  }

  /** What a test lets the server do wrong on purpose, and a browser calls an error: until its pages close. */
  forgive(pattern: RegExp): void {
    this.#forgiven.push(pattern);
  }

  /** In `afterEach`: closes all pages; what any of them did wrong fails the test. */
  async expectNoFaults(): Promise<void> {
    const opened = this.#opened.splice(0);
    await Promise.all(opened.map(({ page }) => page.context().close()));
    const forgiven = this.#forgiven.splice(0);
    const isForgiven = (fault: string) => forgiven.some((pattern) => pattern.test(fault));
    const faults = opened.flatMap((each) => each.faults);
    expect(faults.filter((fault) => !isForgiven(fault))).toEqual([]);
  }
}
