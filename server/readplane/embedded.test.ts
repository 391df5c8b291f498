import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findDynoxide, startEmbeddedDynamo } from "./embedded.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-dynamo-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const isGone = async (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => false,
    () => true,
  );

const hasOne = (await findDynoxide()) !== undefined;
if (!hasOne) process.stderr.write("No @dynoxide package fits this machine: it is not tested.\n");

it.runIf(hasOne)(
  "a local DynamoDB answers on this machine, keeps a file, and is stopped",
  async () => {
    const dynamo = await startEmbeddedDynamo(dir);
    expect(dynamo?.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const endpoint = dynamo?.endpoint ?? "";
    expect(await isGone(endpoint)).toBe(false);
    expect((await stat(join(dir, "tables.sqlite"))).isFile()).toBe(true);
    await dynamo?.stop();
    expect(await isGone(endpoint)).toBe(true);
  },
);

it.runIf(hasOne)("it ends when its owner is killed", async () => {
  const file = join(dir, "owner.mjs");
  const embedded = new URL("./embedded.ts", import.meta.url).href;
  await writeFile(
    file,
    `import { startEmbeddedDynamo } from ${JSON.stringify(embedded)};
     process.send((await startEmbeddedDynamo(${JSON.stringify(dir)})).endpoint);
     setInterval(() => {}, 1000);`,
  );
  const owner = fork(file, { execArgv: [] });
  const [endpoint] = (await once(owner, "message")) as [string];
  expect(await isGone(endpoint)).toBe(false);
  owner.kill("SIGKILL");
  await expect.poll(() => isGone(endpoint), { timeout: 8_000 }).toBe(true);
});
