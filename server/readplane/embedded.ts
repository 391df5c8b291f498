import { access, constants, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../base/free-port.ts";
import { startKept } from "../base/kept.ts";

export interface EmbeddedDynamo {
  readonly endpoint: string;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
  /** As a crash would: in a test of what becomes of us then. */
  kill(): Promise<void>;
}

const startTimeoutMs = 10_000;

/**
 * A local DynamoDB, when the optional package with its program came along; undefined otherwise. At
 * `endpoint` where one served that is gone, else wherever there is room.
 */
export async function startEmbeddedDynamo(
  dir: string,
  endpoint?: string,
): Promise<EmbeddedDynamo | undefined> {
  const program = await findDynoxide();
  if (program === undefined) return undefined;
  await mkdir(resolve(dir), { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(resolve(dir), program, endpoint);
    } catch (error) {
      // Between our probe and its own bind somebody else may have taken the port.
      if (attempt === 3) throw error;
    }
  }
}

export async function findDynoxide(): Promise<string | undefined> {
  try {
    const { resolve: find } = createRequire(import.meta.url);
    const at = find(`@dynoxide/${process.platform}-${process.arch}/package.json`);
    const program = join(at, "..", "dynoxide");
    await access(program, constants.X_OK);
    return program;
  } catch {
    return undefined;
  }
}

async function start(dir: string, program: string, before?: string): Promise<EmbeddedDynamo> {
  const port = before === undefined ? await freePort() : Number(new URL(before).port);
  const endpoint = `http://127.0.0.1:${port}`;
  const args = ["serve", "--host", "127.0.0.1", "--port", String(port)];
  const log = join(dir, "dynamodb.log");
  const kept = await startKept(program, [...args, "--db-path", join(dir, "tables.sqlite")], log);
  let ended = false;
  void kept.exited.then(() => (ended = true));
  const giveUpAt = performance.now() + startTimeoutMs;
  while (!(await answers(endpoint))) {
    if (ended || performance.now() > giveUpAt) {
      await kept.stop();
      throw new Error(`DynamoDB did not start: ${(await kept.said()).slice(-2_000)}`);
    }
    await sleep(20);
  }
  return { endpoint, exited: kept.exited, stop: () => kept.stop(), kill: () => kept.kill() };
}

/** Whatever it says, it speaks HTTP. */
async function answers(endpoint: string): Promise<boolean> {
  try {
    await (await fetch(endpoint, { signal: AbortSignal.timeout(1_000) })).text();
    return true;
  } catch {
    return false;
  }
}
