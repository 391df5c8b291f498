import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Answer, ReleaseAsk } from "../kernel/types.ts";
import { drive } from "./drive.ts";

interface Numbered extends ReleaseAsk {
  readonly number: number;
}

const id = "00000000-0000-4000-8000-000000000000";
const base = { kind: "release", tenantId: id, merchantId: id, purchaseId: id } as const;
const told: Answer = { kind: "declined", id, text: "{}", replayed: false };

function upTo(count: number): () => Numbered | undefined {
  let number = 0;
  return () => (number < count ? { ...base, key: String(number), number: number++ } : undefined);
}

describe("drive", () => {
  it("sends every ask once, and never more at a time than it may", async () => {
    let flying = 0;
    let most = 0;
    const kernel = {
      async ask() {
        most = Math.max(most, ++flying);
        await sleep(Math.random() * 3);
        flying--;
        return told;
      },
    };
    const seen = new Set<number>();
    const done = await drive(kernel, upTo(200), {
      inFlight: 7,
      onAnswer: ({ number }) => void seen.add(number),
    });
    expect(seen.size).toBe(200);
    expect(most).toBe(7);
    expect(done.counts).toMatchObject({ declined: 200, granted: 0 });
    expect(done.latency.count).toBe(200);
    expect(done.asksPerSecond).toBeCloseTo(200 / done.seconds, 3);
  });

  it("sends an ask again after the pause that was asked for", async () => {
    const sent: string[] = [];
    const kernel = {
      ask({ key }: { key: string }) {
        sent.push(key);
        return Promise.resolve<Answer>(sent.length < 3 ? { kind: "unknown" } : told);
      },
    };
    const done = await drive(kernel, upTo(2), {
      inFlight: 1,
      onAnswer: (_, { kind }) => (kind === "unknown" ? sleep(1) : undefined),
    });
    expect(sent).toEqual(["0", "0", "0", "1"]);
    expect(done.counts).toMatchObject({ unknown: 2, declined: 2 });
  });

  it("sends nothing after the deadline, and waits for what is on its way", async () => {
    let answered = 0;
    const kernel = {
      async ask() {
        await sleep(5);
        answered++;
        return told;
      },
    };
    const deadlineAt = performance.now() + 30;
    const done = await drive(kernel, upTo(1_000_000), { inFlight: 3, deadlineAt });
    expect(done.latency.count).toBe(answered);
    expect(answered).toBeLessThan(100);
  });

  it("stops all askers when one meets a broken machine, and says why", async () => {
    let asked = 0;
    const kernel = {
      async ask() {
        const turn = ++asked;
        await sleep(1);
        if (turn === 5) throw new Error("the disk is gone");
        return told;
      },
    };
    await expect(drive(kernel, upTo(1_000), { inFlight: 4 })).rejects.toThrow("the disk is gone");
    const askedThen = asked;
    await sleep(10);
    expect(asked).toBe(askedThen);
    expect(asked).toBeLessThan(20);
  });
});
