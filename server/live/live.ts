import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Config } from "../base/config.ts";
import type { Metrics } from "../base/metrics.ts";
import { openFanOut, type FanOut } from "../redis/fan-out.ts";
import {
  channelOf,
  openAnnouncer,
  publishTo,
  tenantOf,
  type Announcer,
  type News,
} from "./announce.ts";
import { Hub } from "./hub.ts";

/** What a server tells, and to whom. */
export interface Live extends Pick<Announcer, "change" | "stand"> {
  readonly hub: Hub;
  /** Says goodbye to all streams. */
  end(): void;
  close(): void;
}

type LiveSettings = Pick<Config, "redisUrl" | "streamsPerCaller" | "streamsPerTenant">;

const lookMs = 500;
/** While others cannot be heard, who listens is told now and then to look for himself. */
const deafMs = 10_000;

/** Without Redis a server hears itself; with it also every other process that tells. */
export function openLive(config: LiveSettings, metrics: Metrics): Live {
  const { redisUrl, streamsPerCaller: perCaller, streamsPerTenant: perTenant } = config;
  const own = randomUUID();
  const fanOut = redisUrl === undefined ? alone : openShared(redisUrl, own, () => hub);
  const hub: Hub = new Hub({
    metrics,
    perCaller,
    perTenant,
    join: (tenantId) => fanOut.join(channelOf(tenantId)),
    leave: (tenantId) => fanOut.leave(channelOf(tenantId)),
  });
  const publish = publishTo(fanOut, own);
  const announcer = openAnnouncer(
    (tenantId, news) => {
      hub.deliver(news);
      publish(tenantId, news);
    },
    { isHeard: (tenantId) => redisUrl !== undefined || hub.hears(tenantId) },
  );
  let toldAt = 0;
  const timer = setInterval(() => {
    hub.look();
    if (!fanOut.isAway || performance.now() - toldAt < deafMs) return;
    toldAt = performance.now();
    hub.gap("OTHERS_NOT_HEARD");
  }, lookMs);
  timer.unref();
  return {
    hub,
    change: (tenantId, topic, id) => announcer.change(tenantId, topic, id),
    stand: (tenantId, topic, now) => announcer.stand(tenantId, topic, now),
    end() {
      announcer.flush();
      hub.end("DRAINING");
    },
    close() {
      clearInterval(timer);
      announcer.close();
      fanOut.close();
      hub.close();
    },
  };
}

const alone: FanOut = {
  isAway: false,
  publish: () => undefined,
  join: () => Promise.resolve(),
  leave: () => undefined,
  close: () => undefined,
};

function openShared(url: string, own: string, hubOf: () => Hub): FanOut {
  return openFanOut(url, {
    onText(channel, text) {
      const told = readNews(text);
      if (!told || told.from === own) return;
      const tenantId = tenantOf(channel);
      hubOf().deliver(told.news.filter((one) => one.tenantId === tenantId));
    },
    onBack: () => hubOf().gap("OTHERS_NOT_HEARD"),
  });
}

const name = { tenantId: z.string(), topic: z.string() };
const published = z.object({
  from: z.string(),
  news: z.array(
    z.discriminatedUnion("kind", [
      z.object({ ...name, kind: z.literal("change"), ids: z.array(z.string()), more: z.int() }),
      z.object({ ...name, kind: z.literal("stand"), text: z.string() }),
    ]),
  ),
});

/** Whoever else writes to this Redis does not bring us down. */
function readNews(text: string): { from: string; news: readonly News[] } | undefined {
  try {
    return published.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
