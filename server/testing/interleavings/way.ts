import { createServer, type AddressInfo, type Server } from "node:net";
import { makeMetrics } from "../../base/metrics.ts";
import { openDb, type Db } from "../../db/open.ts";
import { openKernel, type Kernel } from "../../kernel/gather.ts";
import { Link, type Gate, type Grain } from "./link.ts";

/** A process as far as the database can tell: connections and a kernel of its own, all of them gated. */
export class Way implements Gate {
  stepping = false;
  grain: Grain = "trips";
  /** Transactions begun since `stepping` was set, those that only read left out. */
  transactions = 0;
  readonly #links = new Set<Link>();
  readonly #server: Server;
  readonly #stirred: () => void;
  #opened: { db: Db; kernel: Kernel } | undefined;

  private constructor(upstream: { host: string; port: number }, stirred: () => void) {
    this.#stirred = stirred;
    this.#server = createServer((client) => {
      const link = new Link(client, upstream, this);
      this.#links.add(link);
      client.once("close", () => this.#links.delete(link));
    });
  }

  static async open(url: string, stirred: () => void): Promise<Way> {
    const there = new URL(url);
    const way = new Way({ host: there.hostname, port: Number(there.port) }, stirred);
    await new Promise<void>((resolve) => way.#server.listen(0, "127.0.0.1", resolve));
    there.hostname = "127.0.0.1";
    there.port = String((way.#server.address() as AddressInfo).port);
    const db = openDb({ url: there.href, name: "way", poolMax: 1 }, makeMetrics());
    way.#opened = { db, kernel: openKernel(db, { lanes: 1, askDeadlineMs: 30_000 }) };
    return way;
  }

  get db(): Db {
    return this.#here.db;
  }

  get kernel(): Kernel {
    return this.#here.kernel;
  }

  /** What waits at the gate, in words. */
  get waiting(): string | undefined {
    return this.#first()?.waiting;
  }

  /** The backends that work on something of ours now. */
  get working(): number[] {
    return [...this.#links].filter(({ inFlight }) => inFlight).map(({ pid }) => pid);
  }

  release(): void {
    this.#first()?.release();
  }

  step(grain: Grain): void {
    this.grain = grain;
    this.transactions = 0;
    this.stepping = true;
  }

  stirred(): void {
    this.#stirred();
  }

  begun(): void {
    this.transactions += 1;
  }

  async close(): Promise<void> {
    this.stepping = false;
    for (const link of this.#links) link.release();
    await this.kernel.close();
    await this.db.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #first(): Link | undefined {
    return [...this.#links].find(({ waiting }) => waiting !== undefined);
  }

  get #here(): { db: Db; kernel: Kernel } {
    if (!this.#opened) throw new Error("a way is opened before it is used");
    return this.#opened;
  }
}
