import { expect, it } from "vitest";
import { openAnnouncer, type News } from "./announce.ts";

function gathering(isHeard?: (tenantId: string) => boolean) {
  const sent: [tenantId: string, news: readonly News[]][] = [];
  const announcer = openAnnouncer((tenantId, news) => sent.push([tenantId, news]), {
    flushMs: 10,
    idsMax: 3,
    ...(isHeard && { isHeard }),
  });
  return { sent, announcer };
}

it("tells a change once however often it is told of it, and by itself", async () => {
  const { sent, announcer } = gathering();
  for (const id of ["1", "2", "1", "1"]) announcer.change("a", "items", id);
  announcer.change("b", "items", "9");
  expect(sent).toEqual([]);
  await expect.poll(() => sent).toHaveLength(2);
  expect(sent).toEqual([
    ["a", [{ kind: "change", tenantId: "a", topic: "items", ids: ["1", "2"], more: 0 }]],
    ["b", [{ kind: "change", tenantId: "b", topic: "items", ids: ["9"], more: 0 }]],
  ]);
});

it("names a few of many, and counts the others and those without a name", () => {
  const { sent, announcer } = gathering();
  for (let n = 0; n < 1_000; n++) announcer.change("a", "purchases", String(n));
  announcer.change("a", "purchases");
  announcer.flush();
  const more = 998;
  const ids = ["0", "1", "2"];
  expect(sent[0]?.[1]).toEqual([{ kind: "change", tenantId: "a", topic: "purchases", ids, more }]);
});

it("keeps of something that stands only how it stands now", () => {
  const { sent, announcer } = gathering();
  for (let n = 0; n < 5; n++) announcer.stand("a", "run:1", { n });
  announcer.close();
  expect(sent).toEqual([
    ["a", [{ kind: "stand", tenantId: "a", topic: "run:1", text: '{"n":4}' }]],
  ]);
});

it("gathers nothing that nobody can hear", () => {
  const { sent, announcer } = gathering((tenantId) => tenantId === "a");
  announcer.change("b", "items", "1");
  announcer.stand("b", "run:1", {});
  announcer.change("a", "items", "1");
  announcer.flush();
  expect(sent.map(([tenantId]) => tenantId)).toEqual(["a"]);
});
