import { setTimeout as sleep } from "node:timers/promises";
import { record } from "../audit/record.ts";
import { crashPoint } from "../base/crash-points.ts";
import { readSealingKey, SealError, unseal } from "../base/seal.ts";
import type { Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import type { Tells } from "../live/announce.ts";
import { claimDue, writeOutcome, type Claimed, type Verdict } from "./due.ts";
import { isSuccess, post, type Outcome, type PostOptions } from "./post.ts";
import { pauseMs } from "./schedule.ts";
import { sign } from "./signature.ts";

export interface Courier {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly db: Db;
  readonly tells: Tells;
}

export type DeliverOptions = Partial<Pick<PostOptions, "resolve" | "timeoutMs">>;

const atOnce = 64;
/** While slow receivers take their time, what others are owed may become due. */
const lookAgainMs = 250;

/**
 * Makes every attempt that is due, a few per endpoint at a time, so that a slow one keeps nobody waiting but
 * itself. What a worker took on and did not end is due again a minute later. Returns how many were made.
 */
export async function deliverDue(
  courier: Courier,
  signal: AbortSignal,
  options: DeliverOptions = {},
): Promise<number> {
  const underWay = new Map<Promise<void>, string>();
  let made = 0;
  while (!signal.aborted) {
    const busy = [...underWay.values()];
    const room = atOnce - busy.length;
    const claimed = room > 0 ? await claimDue(courier.db, busy, room) : [];
    for (const one of claimed) {
      const ended = attempt(courier, one, signal, options).then(() => void underWay.delete(ended));
      underWay.set(ended, one.endpointId);
    }
    made += claimed.length;
    if (claimed.length === 0 && busy.length === 0) break;
    // They ended while we looked past their endpoints, which may be owed more.
    if (underWay.size === 0) continue;
    const pausing = claimed.length > 0 && underWay.size < atOnce ? 0 : lookAgainMs;
    await Promise.race([...underWay.keys(), sleep(pausing)]);
  }
  await Promise.all(underWay.keys());
  return made;
}

async function attempt(
  courier: Courier,
  claimed: Claimed,
  signal: AbortSignal,
  options: DeliverOptions,
): Promise<void> {
  const { config, log, metrics, db } = courier;
  try {
    crashPoint("webhook.claimed");
    const outcome = await send(config, claimed, signal, options);
    crashPoint("webhook.posted");
    // Nobody's fault: it is made again by whoever comes after us.
    if (signal.aborted && outcome.status === null) return;
    const verdict = judge(claimed, outcome);
    metrics.webhookAttempts.inc({ result: verdict.state });
    metrics.webhookSeconds.observe(outcome.ms / 1000);
    const patienceDays = config.webhookPatienceDays;
    const work = async (tx: Parameters<typeof record>[0]): Promise<boolean> => {
      const reason = await writeOutcome(tx, claimed, { outcome, verdict, patienceDays });
      if (reason === undefined) return false;
      await record(tx, {
        tenantId: claimed.tenantId,
        actor: { kind: "system", id: "webhooks" },
        action: "webhook.disable",
        object: { kind: "webhook", id: claimed.endpointId },
        reason,
      });
      return true;
    };
    const isDisabled = await transact(db, "webhook_outcome", work, { recalls: true });
    const { tenantId, endpointId } = claimed;
    courier.tells.change(tenantId, "webhooks", endpointId);
    if (isDisabled) {
      log.warn({ tenantId, endpointId, status: outcome.status }, "a webhook was disabled");
    }
  } catch (err) {
    log.warn({ err, deliveryId: claimed.deliveryId }, "an attempt is not on record: made again");
  }
}

async function send(
  { webhookTargets: targets, webhookTimeoutMs: timeoutMs, ...config }: Config,
  { endpointId, url, eventId, payload: body, secrets }: Claimed,
  signal: AbortSignal,
  options: DeliverOptions,
): Promise<Outcome> {
  try {
    const key = readSealingKey(config);
    const open = secrets.map((secret) => unseal(key, secret, endpointId));
    const headers = { ...sign(open, { id: eventId, at: new Date(), body }) };
    return await post(url, { headers, body }, { targets, signal, timeoutMs, ...options });
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    return {
      status: null,
      fault: `the secret cannot be read: ${error.message}`,
      ms: 0,
      answer: "",
    };
  }
}

function judge({ failed }: Claimed, outcome: Outcome): Verdict {
  if (isSuccess(outcome)) return { state: "delivered" };
  if (outcome.status === 410) return { state: "failed", disables: "gone" };
  const pause = pauseMs(failed + 1, Math.random(), outcome.retryAfterMs);
  return pause === undefined ? { state: "failed" } : { state: "pending", pauseMs: pause };
}
