import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createKey, revokeKey } from "../auth/keys.ts";
import type { Db } from "../db/open.ts";
import { openItems, openMandates } from "../kernel/openings.ts";
import { fourNumbers, holds, prove, type Proof } from "../proof/prove.ts";
import { openWorld } from "../proof/world.ts";
import { json, UsageError, wholeNumber, type Command } from "./command.ts";
import { operator } from "./operator.ts";
import { asTable } from "./table.ts";
import { withDatabase } from "./with-database.ts";

const defaults = { asks: 200, units: 50, seconds: 120 };
const priceMinor = 2_500n;
const currency = "USD";
/** Askers at a time, each with its next ask. */
const askers = 16;
const answerMs = 20_000;
const keyMinutes = 15;

export const trialCommand: Command = {
  name: "trial",
  summary:
    "Buy at a running server more than there is, in a world of its own, and prove its books.",
  options: {
    at: { value: "URL", says: "The server, or what stands in front of several." },
    asks: { value: "N", says: "Asks, of which each is sent twice.", fallback: "200" },
    units: { value: "M", says: "Units there are to sell.", fallback: "50" },
    seconds: { value: "S", says: "How long it may take.", fallback: "120" },
    json,
  },
  examples: [
    ["trial --at http://127.0.0.1:8080", "0 when every answer was right and nothing is broken"],
  ],
  async run(call) {
    const { values, terminal } = call;
    const url = typeof values.at === "string" ? URL.parse(values.at) : null;
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      throw new UsageError("zerorace trial needs --at URL, as in --at http://127.0.0.1:8080.");
    }
    const count = (option: keyof typeof defaults, max: number): number =>
      wholeNumber({ values, option, fallback: defaults[option] }, 1, max);
    const size = { asks: count("asks", 100_000), units: count("units", 100_000) };
    const giveUpAt = performance.now() + count("seconds", 3_600) * 1_000;
    return withDatabase(call, async (db) => {
      const answers = await buyEverything(db, { url: url.origin, ...size, giveUpAt });
      const proof = await prove(db, { tenantId: answers.tenantId });
      const found = judge(answers, size, proof);
      const { sold, declined } = found;
      const said = { ok: found.complaints.length === 0, asks: size.asks, units: size.units };
      const told = { ...said, sold, declined, ...fourNumbers(proof), complaints: found.complaints };
      terminal.result(values.json === true ? JSON.stringify(told) : asText(told));
      return told.ok;
    });
  },
};

interface Shop {
  readonly url: string;
  readonly asks: number;
  readonly units: number;
  readonly giveUpAt: number;
}

interface Reply {
  readonly status: number;
  readonly outcome?: string;
  readonly intentId?: string;
  readonly reason?: string;
}

/** What both sendings of each ask were answered. */
interface Answers {
  readonly tenantId: string;
  readonly pairs: readonly (readonly [Reply, Reply])[];
}

/** With a key that lives for minutes, and is revoked when it was used. */
async function buyEverything(db: Db, shop: Shop): Promise<Answers> {
  const by = { actor: operator(), reason: "zerorace trial" };
  const world = await openWorld(db, "trial");
  const { tenantId, merchantId } = world;
  const [itemId, mandateId] = [randomUUID(), randomUUID()];
  const item = { ...world, itemId, sku: "trial", name: "trial", currency, priceMinor };
  await openItems(db, [{ ...item, stock: BigInt(shop.units) }]);
  const capMinor = priceMinor * BigInt(shop.asks);
  await openMandates(db, [{ tenantId, mandateId, name: "trial", currency, capMinor }]);
  const expiresAtMs = Date.now() + keyMinutes * 60_000;
  const terms = { name: "trial", scopes: ["purchases:write"], expiresAtMs };
  const made = await createKey(db, { tenantId, ...terms }, by);
  if (made.kind !== "done") throw new Error(made.says);
  const body = JSON.stringify({
    merchantId,
    mandateId,
    itemId,
    agentId: "trial",
    quantity: 1,
    amountMinor: Number(priceMinor),
    currency,
  });
  try {
    const ask = async (): Promise<readonly [Reply, Reply]> => {
      const key = randomUUID();
      const send = () => insist(shop, { apiKey: made.apiKey, key, body });
      return Promise.all([send(), send()]);
    };
    return { tenantId, pairs: await byTurns(shop.asks, ask) };
  } finally {
    await revokeKey(db, { tenantId, keyId: made.key.keyId }, by);
  }
}

async function byTurns<T>(count: number, one: () => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let begun = 0;
  const asker = async (): Promise<void> => {
    while (begun < count) {
      begun++;
      done.push(await one());
    }
  };
  await Promise.all(Array.from({ length: askers }, asker));
  return done;
}

interface Ask {
  readonly apiKey: string;
  readonly key: string;
  readonly body: string;
}

/** As a buyer should: what was refused for now, or got lost, is sent again under the same key. */
async function insist({ url, giveUpAt }: Shop, ask: Ask): Promise<Reply> {
  for (;;) {
    const reply = await send(url, ask).catch((error: unknown) => reasonOf(error));
    const passing = reply.status === 0 || reply.status === 429 || reply.status >= 500;
    if (!passing || performance.now() >= giveUpAt) return reply;
    await sleep(200);
  }
}

const reasonOf = (error: unknown): Reply => {
  const { cause, message } = error as Error;
  return { status: 0, reason: cause instanceof Error ? cause.message || cause.name : message };
};

async function send(url: string, { apiKey, key, body }: Ask): Promise<Reply> {
  const response = await fetch(`${url}/v1/purchases/commit`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${apiKey}`,
      "Content-Type": "application/json",
      "Idempotency-Key": key,
    },
    body,
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  const answer = isJson ? (JSON.parse(text) as Partial<Reply> & { code?: string }) : {};
  const { outcome, intentId, reason = answer.code } = answer;
  return {
    status: response.status,
    ...(outcome !== undefined && { outcome }),
    ...(intentId !== undefined && { intentId }),
    ...(reason !== undefined && { reason }),
  };
}

interface Found {
  readonly sold: number;
  readonly declined: number;
  readonly complaints: readonly string[];
}

function judge(
  { pairs }: Answers,
  { asks, units }: Pick<Shop, "asks" | "units">,
  proof: Proof,
): Found {
  const first = pairs.map(([reply]) => reply);
  const sold = first.filter(({ outcome }) => outcome === "COMMITTED").length;
  const declined = first.filter(({ outcome }) => outcome === "DECLINED").length;
  const odd = first.find(({ outcome }) => outcome !== "COMMITTED" && outcome !== "DECLINED");
  const torn = pairs.filter(
    ([one, two]) => one.outcome !== two.outcome || one.intentId !== two.intentId,
  );
  const complaints: string[] = [];
  if (odd) complaints.push(`An ask was answered ${odd.status || "not at all"} (${odd.reason}).`);
  if (torn.length > 0) complaints.push(`${torn.length} asks had two answers to one key.`);
  const ids = new Set(first.map(({ outcome, intentId }) => outcome === "COMMITTED" && intentId));
  ids.delete(false);
  if (ids.size < sold) complaints.push(`${sold} sales have ${ids.size} purchases.`);
  const expected = Math.min(asks, units);
  if (sold !== expected) complaints.push(`${sold} were sold, and ${expected} should have been.`);
  if (!holds(proof)) complaints.push("The books are not right: zerorace prove.");
  return { sold, declined, complaints };
}

function asText(told: {
  readonly ok: boolean;
  readonly asks: number;
  readonly units: number;
  readonly sold: number;
  readonly declined: number;
  readonly oversells: number;
  readonly duplicateSettlements: number;
  readonly ledgerDrift: number;
  readonly mandateBreaches: number;
  readonly complaints: readonly string[];
}): string {
  const table = asTable([
    ["asks", String(told.asks), "each sent twice, over HTTP"],
    ["sold", String(told.sold), `of ${told.units}`],
    ["declined", String(told.declined), ""],
    ["oversells", String(told.oversells), ""],
    ["duplicate settlements", String(told.duplicateSettlements), ""],
    ["ledger drift", String(told.ledgerDrift), ""],
    ["mandate breaches", String(told.mandateBreaches), ""],
  ]);
  const verdict = told.ok
    ? "Every ask has one answer, and the books agree."
    : `NOT RIGHT:\n${told.complaints.map((line) => `  - ${line}`).join("\n")}`;
  return `${table}\n${verdict}`;
}
