import { expect, it } from "vitest";
import { Closing } from "./closing.ts";

it("closes the last thing first, and all others when one fails", async () => {
  const closed: string[] = [];
  const closing = new Closing();
  closing.add(async () => closed.push("first"));
  closing.add(() => Promise.reject(new Error("stuck")));
  closing.add(async () => closed.push("last"));
  await expect(closing.close()).rejects.toThrow("stuck");
  expect(closed).toEqual(["last", "first"]);
  await closing.close();
  expect(closed).toHaveLength(2);
});

it("says why something could not be built, whatever closing it then says", async () => {
  const building = Closing.whole((closing) => {
    closing.add(() => Promise.reject(new Error("stuck")));
    return Promise.reject(new Error("no room"));
  });
  await expect(building).rejects.toThrow("no room");
});
