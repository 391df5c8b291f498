import type { Env } from "../../base/config.ts";
import { serve, type Served } from "./processes.ts";
import type { Version } from "./versions.ts";

/** What a server that was told to stop did. */
export interface Stopped {
  readonly version: string;
  readonly code: number | null;
  readonly ms: number;
}

/** The servers of an installation and its worker, each a process, replaced one by one. */
export class Roster implements AsyncDisposable {
  readonly #env: Env;
  #servers: readonly Served[] = [];
  #worker: Served | undefined;
  readonly stopped: Stopped[] = [];

  constructor(env: Env) {
    this.#env = env;
  }

  get urls(): readonly string[] {
    return this.#servers.map(({ url }) => url);
  }

  async open(version: Version, servers: number): Promise<void> {
    for (let nth = 0; nth < servers; nth++) await this.add(version);
    this.#worker = await serve(version, this.#env, "worker");
  }

  async add(version: Version): Promise<void> {
    const added = await serve(version, this.#env);
    this.#servers = [...this.#servers, added];
  }

  /** Told to nobody: buyers go on asking it until its door is closed. */
  async replaceAll(version: Version): Promise<void> {
    const before = this.#servers;
    for (const old of before) {
      // One more before one less: somebody always serves.
      await this.add(version);
      await this.#stop(old);
      this.#servers = this.#servers.filter((one) => one !== old);
    }
    const next = await serve(version, this.#env, "worker");
    if (this.#worker) await this.#stop(this.#worker);
    this.#worker = next;
  }

  /** As a balancer does it: nobody new is sent to it, and then it is told to stop. */
  async retireOldest(): Promise<void> {
    const [oldest] = this.#servers;
    if (!oldest) return;
    this.#servers = this.#servers.filter((one) => one !== oldest);
    // Who was sent there is on the way.
    await new Promise(setImmediate);
    await this.#stop(oldest);
  }

  async #stop(served: Served): Promise<void> {
    this.stopped.push({ version: served.version.name, ...(await served.stop()) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#servers, ...(this.#worker ? [this.#worker] : [])];
    [this.#servers, this.#worker] = [[], undefined];
    await Promise.all(all.map((one) => this.#stop(one)));
  }
}

/** The settings of every process: nothing of ours, and only names that older versions know. */
export const settingsAt = (url: string, path: string | undefined): Env => ({
  PATH: path,
  ZERORACE_DATABASE_URL: url,
  ZERORACE_PORT: "0",
  ZERORACE_METRICS_PORT: "0",
  ZERORACE_WORKER_METRICS_PORT: "0",
  ZERORACE_SANDBOX: "off",
  ZERORACE_RATE_PER_IP: "1000000",
  ZERORACE_RATE_PER_KEY: "1000000",
  ZERORACE_RATE_PER_TENANT: "1000000",
  ZERORACE_SEALING_KEY: Buffer.from("a sealing key of tests, 32 bytes").toString("base64"),
});
