import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { JobContext } from "../../../worker/job.ts";
import { shardCount } from "../../../worker/outbox/due.ts";
import { relay } from "../../../worker/relay.ts";
import { tellWatermark } from "../../../worker/watermark.ts";
import { makeLog } from "../../base/log.ts";
import { tellsNobody } from "../../live/announce.ts";
import { makeKey, startApi, type TestApi } from "../../testing/api.ts";
import { beneath } from "../../testing/database.ts";
import { targetAt } from "../../testing/play-over-http.ts";
import { startTestPlane, type TestPlane } from "../../testing/plane.ts";
import { badHttp, type BadHttp, type HttpFate } from "../bad-http.ts";
import { copiesOverHttp } from "./copies.ts";
import { CopiesTally } from "./copies-report.ts";
import { Luck } from "./luck.ts";
import { loadDefaults } from "./play.ts";
import { playRound, type RoundResult } from "./round.ts";

let dynamo: TestPlane;
let network: BadHttp;
let api: TestApi;
beforeAll(async () => {
  dynamo = await startTestPlane();
  network = await badHttp(dynamo.endpoint);
  api = await startApi({
    ZERORACE_DYNAMODB_ENDPOINT: network.url,
    ZERORACE_DYNAMODB_TABLE: dynamo.plane.table,
    ZERORACE_RATE_PER_KEY: "0",
    ZERORACE_RATE_PER_TENANT: "0",
  });
});
afterAll(async () => {
  await api.close();
  await network.close();
  await dynamo.close();
});

/** Three requests in ten are overtaken by others, one throttled, of some the answer is lost. */
function badly(seed: number): () => HttpFate {
  const luck = new Luck(seed, 0);
  return () => {
    const share = luck.next();
    if (share < 0.3) return { delayMs: luck.from(50, 400) };
    if (share < 0.4) return "throttle";
    return share < 0.43 ? "cutAfter" : "pass";
  };
}

/** Workers who all believe that everything is theirs: what one does late another has done anew. */
function startRelays(count: number, signal: AbortSignal): Promise<unknown> {
  const { db } = api.database;
  const log = makeLog("test", { logLevel: "silent" });
  const shards = Array.from({ length: shardCount }, (_, shard) => shard);
  const relays = Array.from({ length: count }, () => {
    const plane = dynamo.at(network.url);
    const ctx: JobContext = { db, log, metrics: db.metrics, plane, tells: tellsNobody };
    const mark = async (): Promise<void> => {
      while (!signal.aborted) {
        await tellWatermark(ctx).catch(() => undefined);
        await sleep(100, undefined, { signal }).catch(() => undefined);
      }
    };
    return Promise.all([relay(ctx, { shards: () => shards }, signal), mark()]).finally(() =>
      plane.close(),
    );
  });
  return Promise.all(relays);
}

const seed = 20_261_122;

function play(operations: number): Promise<RoundResult> {
  const { db } = api.database;
  return playRound(db, (shelf) => targetAt(db, [api.url], shelf), {
    ...loadDefaults,
    seed,
    operations,
    clients: 6,
    witness: true,
    beneath: beneath(db),
    oneLine: true,
    told: true,
    heal: async () => network.fate(() => "pass"),
    async copiesOf(shelf) {
      const key = await makeKey(api, shelf, ["ledger:read"]);
      return copiesOverHttp(dynamo.plane, [api.url], key, shelf);
    },
  });
}

it("copies that are written twice, late and out of order go forward and come to equal the books", async () => {
  const over = new AbortController();
  network.fate(badly(seed));
  const relays = startRelays(3, over.signal);
  const { history, violations, ok } = await play(600).finally(() => over.abort());
  await relays;
  expect(violations.map(({ says }) => says)).toEqual([]);
  expect(ok).toBe(true);
  const tally = new CopiesTally();
  tally.add(history);
  const { reads, sums, documents } = tally.report() ?? { reads: 0, sums: {}, documents: 0 };
  expect(Math.min(reads, documents)).toBeGreaterThan(20);
  process.stderr.write(
    `${reads} looks at documents, ${JSON.stringify(sums)} at sums, ${documents} documents\n`,
  );
  expect(Math.min(network.counts.late, network.counts.throttle)).toBeGreaterThan(0);
}, 120_000);
