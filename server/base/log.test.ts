import { expect, it } from "vitest";
import { makeLog } from "./log.ts";

function logged(write: (log: ReturnType<typeof makeLog>) => void): string {
  let text = "";
  write(makeLog("test", { logLevel: "info" }, { write: (line) => (text += line) }));
  return text;
}

it("writes one JSON object a line, with a time that people can read", () => {
  const { time, msg, tenantId } = JSON.parse(logged((log) => log.info({ tenantId: "t" }, "open")));
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect({ msg, tenantId }).toEqual({ msg: "open", tenantId: "t" });
});

it("keeps silent below its level", () => {
  expect(logged((log) => log.debug("too much"))).toBe("");
});

it("never shows what travels under a secret's name", () => {
  const headers = { authorization: "Bearer hunter2" };
  expect(logged((log) => log.info({ password: "hunter2" }))).not.toContain("hunter2");
  expect(logged((log) => log.info({ config: { databaseUrl: "hunter2" } }))).not.toContain(
    "hunter2",
  );
  expect(logged((log) => log.info({ req: { headers } }))).not.toContain("hunter2");
});

it("never shows a password inside a URL, not even in an error's message", () => {
  const error = new Error("cannot reach postgres://shop:hunter2@db.internal/shop");
  const line = logged((log) => log.error({ err: error }, "postgres://shop:hunter2@db/shop"));
  expect(line).not.toContain("hunter2");
  expect(line).toContain("postgres://shop:********@db.internal/shop");
});
