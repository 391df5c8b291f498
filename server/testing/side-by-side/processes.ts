import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Env } from "../../base/config.ts";
import type { Version } from "./versions.ts";

export interface Served {
  readonly version: Version;
  readonly url: string;
  /** Told to stop as an orchestrator does it: what it exits with, and after how long. */
  stop(): Promise<{ readonly code: number | null; readonly ms: number }>;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const start = (version: Version, args: readonly string[], env: Env): ChildProcess =>
  spawn(process.execPath, [version.cli, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });

const outOf = ({ stdout }: ChildProcess) => {
  if (!stdout) throw new Error("a pipe was asked for");
  return stdout;
};

async function textOf({ stderr }: ChildProcess): Promise<string> {
  return stderr ? text(stderr) : "";
}

/** `zerorace …` of a version, to its end. */
export async function runOf(version: Version, args: readonly string[], env: Env): Promise<Ended> {
  const child = start(version, args, env);
  const [[code], out, err] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(outOf(child)),
    textOf(child),
  ]);
  return { code, out, err };
}

/** It did not come up, and said why. */
export class NotServing extends Error {
  override readonly name = "NotServing";
}

/** `zerorace serve` or `zerorace worker` of a version, until it says that it is up. */
export async function serve(
  version: Version,
  env: Env,
  command: "serve" | "worker" = "serve",
): Promise<Served> {
  const child = start(version, [command], env);
  const said = textOf(child);
  const closed = once(child, "close") as Promise<[number | null]>;
  const up = command === "serve" ? "listening" : "working";
  const url = await new Promise<string>((resolve, reject) => {
    // To its end, or the pipe fills up and the process stands still.
    createInterface({ input: outOf(child) }).on("line", (line) => {
      const { msg, url: at } = told(line);
      if (msg === up && at !== undefined) resolve(at);
    });
    closed.then(
      async () => reject(new NotServing((await said).trim())),
      (error: unknown) => reject(error as Error),
    );
  });
  return {
    version,
    url,
    async stop() {
      const askedAt = performance.now();
      child.kill("SIGTERM");
      const [code] = await closed;
      return { code, ms: Math.round(performance.now() - askedAt) };
    },
  };
}

function told(line: string): { readonly msg?: string; readonly url?: string } {
  try {
    return JSON.parse(line) as { msg?: string; url?: string };
  } catch {
    return {};
  }
}
