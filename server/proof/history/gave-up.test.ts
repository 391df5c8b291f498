import { expect, it } from "vitest";
import { meanwhile } from "./gave-up.ts";
import type { Attempt } from "./history.ts";

const from = (inv: number, ret: number, what: string): Attempt => ({
  op: 0,
  nth: 0,
  key: "k",
  fingerprint: "",
  asked: { kind: "release", purchaseId: "p" },
  inv,
  ret,
  outcome: what === "granted" ? "ok" : "fail",
  what,
});

it("who gave up is counted for a fault when the ask was under way while it lasted", () => {
  const attempts = [
    from(0, 99, "exhausted"),
    from(50, 120, "exhausted"),
    from(120, 130, "granted"),
    from(190, 900, "exhausted"),
    from(201, 300, "exhausted"),
  ];
  const strike = { endedAt: 200, lastedMs: 100 };
  expect(meanwhile([{ history: { attempts } }], strike)).toEqual({ asked: 3, gaveUp: 2 });
  expect(meanwhile([], strike)).toEqual({ asked: 0, gaveUp: 0 });
});
