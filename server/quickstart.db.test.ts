import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startApi, type TestApi } from "./testing/api.ts";

const page = fileURLToPath(new URL("../docs/tutorial/quickstart.md", import.meta.url));
const run = promisify(execFile);

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** The page's blocks in a language, as they stand there, but for the address. */
async function blocks(language: string): Promise<string[]> {
  const text = await readFile(page, "utf8");
  const found = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"));
  return [...found].map(([, block = ""]) => block.replaceAll("http://127.0.0.1:8080", api.url));
}

it("the quickstart's commands answer as the quickstart says", async () => {
  const commands = await blocks("sh");
  const answers: unknown[] = [];
  for (const command of [...commands, ...commands.slice(0, 1)]) {
    const { stdout } = await run("sh", ["-c", command]);
    answers.push(JSON.parse(stdout));
  }
  expect(answers).toMatchObject([
    { outcome: "COMMITTED", amountMinor: 2500, currency: "USD", attempts: 1, replayed: false },
    { outcome: "DECLINED", failureCode: "OUT_OF_STOCK" },
    { status: 409, code: "KEY_REUSED", type: "/problems/KEY_REUSED" },
    { outcome: "COMMITTED", replayed: true },
  ]);
  const [shown] = await blocks("json");
  const keys = Object.keys(JSON.parse(shown ?? "{}") as object);
  expect(Object.keys(answers[0] as object)).toEqual(keys);
});

it("the quickstart's program buys once", async () => {
  const dir = await mkdtemp(join(tmpdir(), "zerorace-quickstart-"));
  const [program = ""] = await blocks("ts");
  await writeFile(join(dir, "buy.mts"), program);
  const { stdout } = await run(process.execPath, [join(dir, "buy.mts")]);
  await rm(dir, { recursive: true });
  expect(stdout.match(/outcome: 'COMMITTED'/g)).toHaveLength(2);
  expect(stdout.match(/replayed: false/g)).toHaveLength(1);
  expect(stdout.match(/replayed: true/g)).toHaveLength(1);
});
