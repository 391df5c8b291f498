import { expect, it } from "vitest";
import { ConfigError, readConfig, type Env } from "../base/config.ts";
import { arm } from "./arm.ts";

/** What is said; nothing is armed that this very process passes. */
function armed(env: Env): string {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const terminal = { result: say, say, progress: () => undefined };
  arm(readConfig({ ZERORACE_CRASH_AT: "relay.read#999999", ...env }), terminal);
  return said.join("\n");
}

it.each([
  [{ ZERORACE_HOST: "0.0.0.0" }, "ZERORACE_HOST"],
  [{ ZERORACE_DATABASE_URL: "postgres://a:b@db.example.com/shop" }, "ZERORACE_DATABASE_URL"],
  [
    { ZERORACE_DATABASE_URL: "postgres://a:b@[::1]/shop postgres://a:b@10.0.0.7/shop" },
    "ZERORACE_DATABASE_URL",
  ],
  [{ ZERORACE_PUBLIC_URL: "https://shop.example.com" }, "ZERORACE_PUBLIC_URL"],
  [{ ZERORACE_DSQL_HOSTS: "a.dsql.us-east-1.on.aws" }, "ZERORACE_DSQL_HOSTS"],
])("no crash point is armed where others may depend on the process: %j", (env, name) => {
  expect(() => armed(env)).toThrow(ConfigError);
  expect(() => armed(env)).toThrow(`ZERORACE_CRASH_AT is for tests on one machine, and ${name}`);
});

it.each([
  {},
  { ZERORACE_DATABASE_URL: "postgres://a:b@127.0.0.1/shop postgres://a:b@[::1]/shop" },
  { ZERORACE_DSQL_HOSTS: "localhost:5433" },
])("on one machine it is armed, and that is said loudly: %j", (env) => {
  expect(armed(env)).toContain("WARNING: ZERORACE_CRASH_AT is set. This process will kill itself");
});
