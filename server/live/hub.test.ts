import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeMetrics } from "../base/metrics.ts";
import { listen, type Listener } from "../testing/listener.ts";
import type { Change, News } from "./announce.ts";
import { Hub } from "./hub.ts";
import type { StreamTerms } from "./stream.ts";

let server: Server;
let hub: Hub;
let url: string;
let metrics: ReturnType<typeof makeMetrics>;
const left: string[] = [];
const answers: ServerResponse[] = [];
let refusal: string | undefined;
let stuckMs: number;
beforeEach(async () => {
  metrics = makeMetrics();
  refusal = undefined;
  stuckMs = 30_000;
  answers.length = 0;
  const join = (): Promise<void> => Promise.resolve();
  const leave = (tenantId: string): void => void left.push(tenantId);
  hub = new Hub({ metrics, perCaller: 30, perTenant: 40, join, leave });
  server = createServer((req, res) => {
    answers.push(res);
    const query = new URL(req.url ?? "", "http://x").searchParams;
    const terms: StreamTerms = {
      tenantId: query.get("tenant") ?? "a",
      caller: query.get("caller") ?? "key:1",
      topics: new Set((query.get("topics") ?? "items").split(",")),
      headers: { "Content-Type": "text/event-stream" },
      lastEventId: req.headers["last-event-id"]?.toString(),
      endsAt: Infinity,
      stuckMs,
      refusal: () => Promise.resolve(refusal),
    };
    void hub.open(res, terms);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  hub.close();
  server.closeAllConnections();
  server.close();
});

const changed = (id: string, more: Partial<Change> = {}): Change => {
  return { kind: "change", tenantId: "a", topic: "items", ids: [id], more: 0, ...more };
};

async function join(query = "", lastEventId?: string): Promise<Listener> {
  const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
  const listener = await listen(`${url}/?${query}`, headers);
  await listener.next("open");
  return listener;
}

const idsOf = ({ heard }: Listener): unknown[] =>
  heard.filter(({ name }) => !["open", "gap"].includes(name)).flatMap(({ data }) => data.ids);

it("tells nobody anything of another tenant, or of a topic that was not asked for", async () => {
  const seats: (readonly [tenantId: string, topics: string, listener: Listener])[] = [];
  for (const tenantId of ["a", "b", "c"]) {
    for (const topics of ["items", "purchases", "items,purchases"]) {
      const query = `tenant=${tenantId}&topics=${topics},end-mark`;
      seats.push([tenantId, topics, await join(query)]);
    }
  }
  const some = fc.record({
    tenantId: fc.constantFrom("a", "b", "c", "d", "A", ""),
    topic: fc.constantFrom("items", "purchases", "mandates", "item"),
    ids: fc.array(fc.uuid(), { maxLength: 3 }),
    isStand: fc.boolean(),
  });
  let round = 0;
  const runs = fc.asyncProperty(fc.array(some, { maxLength: 40 }), async (drawn) => {
    const mark = `end ${round++}`;
    const news = drawn.map(({ isStand, ids, ...name }): News =>
      isStand
        ? { kind: "stand", ...name, text: JSON.stringify({ ids }) }
        : { kind: "change", ...name, ids, more: 0 },
    );
    const marks = ["a", "b", "c"].map((tenantId) => changed(mark, { tenantId, topic: "end-mark" }));
    for (const [, , listener] of seats) (listener.heard as unknown[]).length = 0;
    hub.deliver([...news, ...marks]);
    for (const [tenantId, topics, { heard }] of seats) {
      await expect.poll(() => heard.at(-1)?.name).toBe("end-mark");
      const meant = drawn.filter((one) => {
        return one.tenantId === tenantId && topics.split(",").includes(one.topic);
      });
      expect(heard.slice(0, -1).map(({ data }) => data.ids)).toEqual(meant.map(({ ids }) => ids));
    }
  });
  await fc.assert(runs, { numRuns: 50 });
}, 60_000);

it("goes on where it was left, with what came meanwhile and nothing twice", async () => {
  const first = await join();
  hub.deliver([changed("1"), changed("2")]);
  const { id } = await first.next("items", ({ ids }) => String(ids) === "2");
  first.close();
  await expect.poll(() => answers[0]?.destroyed).toBe(true);
  hub.deliver([changed("3"), changed("x", { topic: "purchases" }), changed("4")]);
  const second = await join("", id);
  hub.deliver([changed("5")]);
  await second.next("items", ({ ids }) => String(ids) === "5");
  expect(idsOf(second)).toEqual(["3", "4", "5"]);
  expect(second.heard.map(({ name }) => name)).not.toContain("gap");
});

it.each([
  ["of another server", "elsewhere.3"],
  ["that was never given out", "99999999"],
  ["that makes no sense", "%00 ☃"],
])("tells a gap after an event id %s", async (_, lastEventId) => {
  const stream = await join("", encodeURIComponent(lastEventId));
  expect((await stream.next("gap")).data).toEqual({ reason: "TOO_LONG_AGO" });
});

it("tells a gap after an event id that is ahead, or from before what it remembers", async () => {
  const first = await join();
  const { id = "" } = first.heard[0] ?? {};
  const ahead = await join("", id.replace(/\d+$/, "999"));
  expect((await ahead.next("gap")).data).toEqual({ reason: "TOO_LONG_AGO" });
  for (let n = 0; n < 600; n++) hub.deliver([changed(String(n))]);
  const late = await join("", id);
  expect((await late.next("gap")).data).toEqual({ reason: "TOO_LONG_AGO" });
}, 30_000);

it("keeps little for a client that does not read, and tells it a gap when it reads again", async () => {
  const slow = await join();
  const quick = await join();
  slow.pause();
  const ids = Array.from({ length: 50 }, (_, n) => `${n}`.padStart(36, "x"));
  let waiting = 0;
  for (let n = 0; n < 8_000; n++) {
    hub.deliver([changed("", { ids })]);
    waiting = Math.max(waiting, answers[0]?.writableLength ?? 0);
    if (n % 20 === 0) await new Promise(setImmediate);
  }
  expect(waiting).toBeLessThan(128 * 1024);
  hub.look();
  slow.resume();
  await expect.poll(() => answers[0]?.writableLength, { timeout: 10_000 }).toBe(0);
  hub.look();
  hub.deliver([changed("last")]);
  await slow.next("gap", ({ reason }) => reason === "SLOW");
  await slow.next("items", ({ ids: named }) => String(named) === "last");
  await quick.next("items", ({ ids: named }) => String(named) === "last");
}, 60_000);

it("cuts a client that takes nothing for too long", async () => {
  stuckMs = 50;
  const dead = await join();
  dead.pause();
  const ids = Array.from({ length: 50 }, (_, n) => `${n}`.padStart(36, "x"));
  for (let n = 0; n < 10_000 && (answers[0]?.writableLength ?? 0) < 65_536; n++) {
    hub.deliver([changed("", { ids })]);
    if (n % 20 === 0) await new Promise(setImmediate);
  }
  hub.look();
  await expect.poll(() => (hub.look(), answers[0]?.destroyed), { timeout: 5_000 }).toBe(true);
  expect(hub.fullFor({ tenantId: "a", caller: "key:1" })).toBeUndefined();
});

it("counts who is in, and forgets who has gone", async () => {
  for (let n = 0; n < 30; n++) await join("caller=key:2");
  expect(hub.fullFor({ tenantId: "a", caller: "key:2" })).toBe("caller");
  expect(hub.fullFor({ tenantId: "a", caller: "key:3" })).toBeUndefined();
  for (let n = 0; n < 10; n++) await join("caller=key:3");
  expect(hub.fullFor({ tenantId: "a", caller: "key:4" })).toBe("tenant");
  expect(hub.fullFor({ tenantId: "b", caller: "key:2" })).toBe("caller");
  server.closeAllConnections();
  await expect.poll(() => hub.fullFor({ tenantId: "a", caller: "key:2" })).toBeUndefined();
  const { values } = await metrics.streamsOpen.get();
  expect(values.map(({ value }) => value)).toEqual([0]);
});

it("ends the stream of who may not hear any longer, with the reason", async () => {
  const stream = await join();
  hub.look();
  await new Promise(setImmediate);
  expect(stream.isOver()).toBe(false);
  refusal = "API_KEY_REVOKED";
  hub.look();
  expect((await stream.next("end")).data).toEqual({ reason: "API_KEY_REVOKED" });
  await expect.poll(() => stream.isOver()).toBe(true);
});

it("sends everybody away at its end, also who comes later", async () => {
  const early = await join();
  hub.end("DRAINING");
  expect((await early.next("end")).data).toEqual({ reason: "DRAINING" });
  const late = await join();
  expect((await late.next("end")).data).toEqual({ reason: "DRAINING" });
  await expect.poll(() => [early.isOver(), late.isOver()]).toEqual([true, true]);
});
