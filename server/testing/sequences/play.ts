import { call, type TestApi } from "../api.ts";
import { query } from "../look.ts";
import { judge, type Exchange } from "./judge.ts";
import { isOneOf, listVerbs, written, type Asked, type Fields, type Reply } from "./request.ts";
import { requestOf, type Strange } from "./requests.ts";
import type { Move, Sequence, Step } from "./steps.ts";
import { newWorld, type World } from "./world.ts";

/** The tenant of a sequence, and the keys that its requests are sent with. */
export interface Stage {
  readonly api: TestApi;
  readonly tenantId: string;
  readonly keys: Readonly<Record<Asked["who"], string | undefined>>;
  readonly strangers: Strange;
}

/** Plays a sequence over HTTP; throws with all that was sent when an answer is not what it must be. */
export async function play(stage: Stage, { opening, moves }: Sequence): Promise<void> {
  const player = new Player(stage);
  try {
    await player.open(opening);
    for (const move of moves) await player.move(move);
    await player.look();
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    throw new Error(`${player.story.join("\n")}\n${says}`, { cause: error });
  }
}

class Player {
  readonly story: string[] = [];
  readonly #stage: Stage;
  readonly #sent: Asked[] = [];
  /** All that may be so, as far as the answers have told. */
  #worlds: readonly World[];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#worlds = [newWorld(Object.values(stage.strangers))];
  }

  get #world(): World {
    return this.#worlds[0] as World;
  }

  async open(opening: readonly Step[]): Promise<void> {
    const newMerchant = { does: "newMerchant", who: "owner", spoil: "none" } as const;
    await this.#send([{ ...newMerchant, key: "first", body: { name: "the first" } }]);
    for (const step of opening) await this.move(step);
  }

  async move(move: Move): Promise<void> {
    if ("lapses" in move) return this.#lapse(move.lapses);
    const steps = "atOnce" in move ? move.atOnce : [move];
    const asked = steps.map((step, index) => this.#requestOf(step, index));
    const alone = asked.length === 1 && asked[0]?.does !== "many";
    // How many of them a batch answers decides which holds are swept: nobody can tell beforehand.
    const isOpen = this.#worlds.some(({ purchases }) =>
      purchases.some(({ state, lapsed }) => state === "held" && lapsed),
    );
    if (alone || !isOpen) return this.#send(asked);
    for (const one of asked.flatMap((each) => each.asks ?? [each])) await this.#send([one]);
  }

  #requestOf(step: Step, index: number): Asked {
    const name = `${this.#sent.length}-${index}`;
    const { strangers } = this.#stage;
    return requestOf(this.#world, strangers, step, { sent: this.#sent, name });
  }

  async #send(asked: readonly Asked[]): Promise<void> {
    this.#sent.push(...asked);
    const sent = asked.map(async (one): Promise<Exchange> => ({
      asked: one,
      reply: await this.#replyTo(one),
    }));
    const exchanges = await Promise.all(sent);
    for (const exchange of exchanges) this.#tell(exchange);
    const verdict = judge(this.#worlds, exchanges);
    if ("fault" in verdict) throw new Error(verdict.fault);
    this.#worlds = verdict.worlds;
  }

  #tell({ asked, reply }: Exchange): void {
    const { does, who, spoil, key = "", id = "", body = asked.query } = asked;
    const words = [does, who, spoil, key, id, JSON.stringify(body)];
    this.story.push(`${words.join(" ")}\n    ${reply.status} ${reply.text}`);
  }

  async #replyTo(asked: Asked): Promise<Reply> {
    if (isOneOf(listVerbs, asked.does)) return this.#wholeList(asked);
    const [path, init] = written(asked, this.#stage.keys[asked.who]);
    const { status, text, body, headers } = await call(`${this.#stage.api.url}${path}`, init);
    return { status, text, body, replayed: headers.get("idempotent-replayed") };
  }

  /** Page after page, each as long as it may be and older than the one before. */
  async #wholeList(asked: Asked): Promise<Reply> {
    const data: Fields[] = [];
    for (let cursor: unknown; ;) {
      const query: Fields = { ...asked.query, ...(cursor !== undefined && { cursor }) };
      const [path, init] = written({ ...asked, query }, this.#stage.keys[asked.who]);
      const { status, text, body } = await call(`${this.#stage.api.url}${path}`, init);
      if (status !== 200) return { status, text, body, replayed: null };
      const page = body["data"] as Fields[];
      if (page.length > Number(query["limit"])) throw new Error("a page is longer than its limit");
      data.push(...page);
      if (body["nextCursor"] === null)
        return { status, text, body: { data: inOrder(data) }, replayed: null };
      cursor = body["nextCursor"];
    }
  }

  /** The tests' own way to let a hold's time pass. */
  async #lapse(which: number): Promise<void> {
    const held = this.#world.purchases.filter(({ state, lapsed }) => state === "held" && !lapsed);
    const one = held[which % Math.max(1, held.length)];
    if (!one) return;
    const { rowCount } = await this.#stage.api.database.db.pool.query(
      "update purchases set expires_at = now() - interval '1 second' where purchase_id = $1",
      [one.id],
    );
    if (rowCount !== 1) throw new Error(`purchase ${one.id} has no row`);
    for (const { purchases } of this.#worlds) {
      const same = purchases.find(({ id }) => id === one.id);
      if (same) Object.assign(same, { lapsed: true, expiresAtMs: 0 });
    }
    this.story.push(`the time of ${one.id} is over`);
  }

  /** At the end everything is as the answers said, and what was refused has left no row. */
  async look(): Promise<void> {
    const read = { who: "owner", spoil: "none" } as const;
    const { items, mandates, asks, merchants, creations, rows } = this.#world;
    for (const { id } of items) await this.#send([{ ...read, does: "readItem", id }]);
    for (const { id } of mandates) await this.#send([{ ...read, does: "readMandate", id }]);
    await this.#send([{ ...read, does: "listAsks", query: { limit: "7" } }]);
    const wanted = {
      asks: asks.length + rows.released,
      purchases: this.#world.purchases.length,
      outbox: rows.events,
      // Each leaves an event beside its entry.
      commands: rows.entries,
      merchants: merchants.length,
      items: items.length,
      mandates: mandates.length,
      creations: creations.length,
      stock_moves: rows.moves,
      entries: rows.entries,
    };
    const found = await countOf(this.#stage);
    for (const [table, count] of Object.entries(wanted)) {
      if (found[table] !== count) throw new Error(`${found[table]} rows of ${table}, not ${count}`);
    }
  }
}

/** From the newest; what came in the wrong order is told, and then put in order of ids. */
function inOrder(data: readonly Fields[]): Fields[] {
  const times = data.map(({ createdAt }) => Date.parse(createdAt as string));
  if (times.some((time, index) => time > (times[index - 1] ?? Infinity))) {
    throw new Error(`a list is not from the newest: ${times.join()}`);
  }
  const idOf = (one: Fields): string => one["id"] as string;
  return data.toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
}

async function countOf({ api, tenantId }: Stage): Promise<Record<string, number>> {
  const plain = ["asks", "purchases", "merchants", "items", "mandates", "stock_moves"];
  const creating = "route in ('/v1/merchants', '/v1/items', '/v1/mandates')";
  const tables = [
    ...plain.map((table) => [table, table, "true"]),
    ["outbox", "outbox", "kind like 'purchase.%'"],
    ["commands", "outbox", "kind not like 'purchase.%'"],
    ["creations", "request_keys", creating],
    ["entries", "audit_entries", "actor_kind = 'key'"],
  ];
  const counts = tables.map(
    ([name, table, where]) =>
      `(select count(*)::integer from ${table} where tenant_id = $1 and ${where}) as ${name}`,
  );
  const [row] = await query<Record<string, number>>(api.database.db, `select ${counts.join()}`, [
    tenantId,
  ]);
  return row ?? {};
}
