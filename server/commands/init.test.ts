import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readConfig } from "../base/config.ts";
import { runCommand } from "../testing/command-line.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "zerorace-init-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const init = () => runCommand(["init", "--dir", dir], {});
const all = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(dir, path)).isFile())
      .map((path) => [path, readFileSync(join(dir, path), "utf8")]),
  );

it("draws secrets that the settings take, and nobody else may read the application's", async () => {
  expect((await init()).code).toBe(0);
  const config = readConfig({
    ZERORACE_DATABASE_URL_FILE: join(dir, "app/database-url"),
    ZERORACE_REDIS_URL_FILE: join(dir, "app/redis-url"),
    ZERORACE_SEALING_KEY_FILE: join(dir, "app/sealing-key"),
  });
  const files = all();
  expect(config.databaseUrl).toContain(files["db/password"]);
  const served = readConfig({ ZERORACE_DATABASE_URL_FILE: join(dir, "app/server-url") });
  const options = new URL(served.databaseUrl ?? "").searchParams.get("options");
  expect(options).toBe("-c role=zerorace_server");
  expect(config.redisUrl).toContain(files["redis/password"]);
  expect(files["redis/redis.conf"]).toContain(`requirepass ${files["redis/password"]}`);
  for (const name of readdirSync(join(dir, "app"))) {
    expect(statSync(join(dir, "app", name)).mode & 0o077, name).toBe(0);
  }
}, 20_000);

it("draws each only once, says none of them, and mends what was made of them", async () => {
  const first = await init();
  const before = all();
  rmSync(join(dir, "app/database-url"));
  const second = await init();
  expect(all()).toEqual(before);
  for (const name of ["db/password", "redis/password", "app/sealing-key", "grafana/password"]) {
    const secret = before[name] ?? "";
    expect(secret).not.toBe("");
    expect(first.out + first.err + second.out + second.err).not.toContain(secret);
  }
}, 20_000);

it("refuses a secret that anybody would guess, names its file and not the secret", async () => {
  await init();
  rmSync(join(dir, "redis/password"));
  writeFileSync(join(dir, "redis/password"), "foobared\n");
  const { code, err } = await init();
  expect(code).toBe(1);
  expect(err).toContain("redis/password is one that stands in examples");
  expect(err).not.toContain("foobared");
}, 20_000);
