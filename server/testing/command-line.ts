import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { environment, type Env } from "../base/config.ts";
import { endWithUs } from "../base/end-with-us.ts";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));

const { NODE_COMPILE_CACHE } = environment();
/** What other processes of this run have compiled: the half of a start. */
const compiled: Env = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

/** `zerorace …` as a process of its own, with these settings and nothing else of ours. It ends with us. */
export function startCommand(args: readonly string[], env: Env) {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...compiled, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithUs(child);
  return child;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function endOf(child: ReturnType<typeof startCommand>): Promise<Ended> {
  const [[code], out, err] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, out, err };
}

export async function runCommand(args: readonly string[], env: Env): Promise<Ended> {
  return endOf(startCommand(args, env));
}
