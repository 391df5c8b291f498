import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endWithUs } from "../base/end-with-us.ts";
import { environment } from "../base/config.ts";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));

/** Workers in processes of their own, some of which are killed. */
export class ChildWorkers implements AsyncDisposable {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #children: ChildProcess[] = [];
  kills = 0;

  constructor(settings: Readonly<Record<string, string>>, count: number) {
    this.#settings = settings;
    for (let nth = 0; nth < count; nth++) this.#start();
  }

  /** Without a word, and another begins. The oldest: it is surely at work. */
  killOne(): void {
    this.#children.shift()?.kill("SIGKILL");
    this.kills += 1;
    this.#start();
  }

  #start(): void {
    const env = {
      PATH: environment().PATH,
      ZERORACE_WORKER_METRICS_PORT: "0",
      ZERORACE_LOG_LEVEL: "silent",
      ...this.#settings,
    };
    const child = spawn(process.execPath, [cli, "worker"], { env, stdio: "ignore" });
    endWithUs(child);
    this.#children.push(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, "exit");
        child.kill("SIGKILL");
        await exited;
      }),
    );
  }
}
