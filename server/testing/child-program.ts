import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { environment } from "../base/config.ts";
import { freePort } from "../base/free-port.ts";
import { sealingKeyOfTests } from "./api.ts";
import { startCommand } from "./command-line.ts";

/** How a process ended, and what it said on standard error. */
export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

type Settings = Readonly<Record<string, string>>;

const ports = { serve: "ZERORACE_PORT", worker: "ZERORACE_WORKER_METRICS_PORT" } as const;
const others = { serve: "ZERORACE_METRICS_PORT", worker: "ZERORACE_PORT" } as const;
const looks = { serve: "/livez", worker: "/healthz" } as const;

/** A loaded machine takes its time; a process that ended is noticed at once. */
const startMs = 120_000;

/** A server or a worker in a process of its own, which dies and is started again where it was. */
export class ChildProgram implements AsyncDisposable {
  readonly url: string;
  readonly #command: keyof typeof ports;
  readonly #settings: Settings;
  #child: ReturnType<typeof startCommand> | undefined;
  #death: Promise<Death> | undefined;
  #isDead = true;
  #said = "";
  deaths = 0;

  private constructor(command: keyof typeof ports, port: number, settings: Settings) {
    this.url = `http://127.0.0.1:${port}`;
    this.#command = command;
    this.#settings = {
      PATH: environment().PATH ?? "",
      [ports[command]]: String(port),
      [others[command]]: "0",
      ZERORACE_LOG_LEVEL: "warn",
      ZERORACE_SANDBOX: "off",
      ZERORACE_RUNS: "off",
      ZERORACE_RATE_PER_KEY: "0",
      ZERORACE_RATE_PER_TENANT: "0",
      ZERORACE_SEALING_KEY: sealingKeyOfTests,
      ...settings,
    };
  }

  /** `zerorace serve` or `zerorace worker`, not started yet, at a port that it keeps. */
  static async of(command: keyof typeof ports, settings: Settings): Promise<ChildProgram> {
    return new ChildProgram(command, await freePort(), settings);
  }

  /** Until it answers, or died as it was told to; with more settings than those that it always has. */
  async start(more: Settings = {}): Promise<void> {
    const child = startCommand([this.#command], { ...this.#settings, ...more });
    this.#child = child;
    this.#isDead = false;
    this.#said = "";
    child.stdout.resume();
    child.stderr.on("data", (bytes: Buffer) => (this.#said += bytes.toString()));
    this.#death = this.#watch(child);
    for (const giveUpAt = performance.now() + startMs; ; await sleep(20)) {
      const reply = await fetch(`${this.url}${looks[this.#command]}`).catch(() => undefined);
      await reply?.arrayBuffer().catch(() => undefined);
      if (reply?.ok === true || (this.#isDead && this.#said.includes("dies at"))) return;
      if (this.#isDead || performance.now() > giveUpAt) {
        throw new Error(`zerorace ${this.#command} did not start: ${this.#said}`);
      }
    }
  }

  async #watch(child: ReturnType<typeof startCommand>): Promise<Death> {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    this.#isDead = true;
    this.deaths += 1;
    return { code, signal, said: this.#said };
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** When it has ended, whoever ended it. */
  async ended(): Promise<Death> {
    if (this.#death === undefined) throw new Error("it was never started");
    return this.#death;
  }

  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<Death> {
    this.#child?.kill(signal);
    return this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#death !== undefined) await this.end();
  }
}
