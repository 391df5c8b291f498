import { expect, it } from "vitest";
import { ExhaustedError } from "../db/faults.ts";
import { afterWrite } from "./after-write.ts";

it("a change that cannot be read back is in doubt for who asked, and never nothing", async () => {
  const reading = Promise.reject(new ExhaustedError("the database is away"));
  await expect(afterWrite(reading)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN", status: 503 });
});

it("what was read, and any other error, passes", async () => {
  await expect(afterWrite(Promise.resolve(1))).resolves.toBe(1);
  await expect(afterWrite(Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
});
