import { setTimeout as sleep } from "node:timers/promises";
import { itemKey, mandateKey, purchaseKey } from "../../readplane/keys.ts";
import { readCopy } from "../../readplane/query.ts";
import type { Copies, SeenSums } from "./copies.ts";
import type { Attempt, Read, Shelf, SumsRead } from "./history.ts";
import { Luck } from "./luck.ts";
import type { Recorder } from "./recorder.ts";

const documentReaders = 2;
const documentPauseMs = 40;
const sumsReaders = 2;
const sumsPauseMs = 400;
/** What a reader keeps looking at; now and then it turns to something else. */
const lookedAt = 6;
const turnsAway = 0.08;
/** It turns to what was bought of late: there is most to see. */
const latest = 40;

const keyOf = { purchase: purchaseKey, item: itemKey, mandate: mandateKey };

type Thing = Pick<Read, "of" | "id">;

/** Who read copies while others buy. Each is a session of its own; every answer is written down. */
export class Readers {
  readonly #copies: Copies;
  readonly #recorder: Recorder;
  readonly #shelf: Shelf;
  readonly #over = new AbortController();
  readonly #reading: readonly Promise<void>[];

  constructor(copies: Copies, recorder: Recorder, shelf: Shelf, seed: number) {
    this.#copies = copies;
    this.#recorder = recorder;
    this.#shelf = shelf;
    const readers = Array.from({ length: documentReaders + sumsReaders }, (_, reader) => {
      const luck = new Luck(seed, -10_000 - reader);
      return reader < documentReaders
        ? this.#readDocuments(reader, luck)
        : this.#readSums(reader, luck);
    });
    this.#reading = readers;
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#reading);
  }

  async #readDocuments(reader: number, luck: Luck): Promise<void> {
    const things: Thing[] = [];
    while (await this.#pause(documentPauseMs)) {
      const place = luck.from(0, lookedAt - 1);
      if (things[place] === undefined || luck.chance(turnsAway)) things[place] = this.#choose(luck);
      const { of, id } = things[place] ?? this.#choose(luck);
      const inv = performance.now();
      // Who is not answered has seen nothing.
      const copy = await readCopy(this.#copies.plane, keyOf[of](id)).catch(() => "away" as const);
      if (copy === "away") continue;
      const version = Number(copy?.version ?? 0n);
      this.#recorder.read({ reader, of, id, version, inv, ret: performance.now() });
    }
  }

  #choose(luck: Luck): Thing {
    const share = luck.next();
    const { items, mandates } = this.#shelf;
    const id = share < 0.5 ? this.#someAsk(luck)?.purchaseId : undefined;
    if (id !== undefined) return { of: "purchase", id };
    if (share < 0.75) return { of: "item", id: luck.pick(items)?.itemId ?? "" };
    return { of: "mandate", id: luck.pick(mandates)?.mandateId ?? "" };
  }

  /** One that was granted of late. */
  #someAsk(luck: Luck): { readonly id: string; readonly purchaseId: string } | undefined {
    const { id, asked } = luck.pick(this.#granted()) ?? {};
    if (id === undefined || asked === undefined) return undefined;
    return { id, purchaseId: "purchaseId" in asked ? asked.purchaseId : id };
  }

  #granted(): Attempt[] {
    const attempts = this.#recorder.attempts.slice(-latest);
    return attempts.filter(({ what }) => what === "granted");
  }

  /** Sums as they are, with what was just bought, and those that are kept in Redis. */
  async #readSums(reader: number, luck: Luck): Promise<void> {
    while (await this.#pause(sumsPauseMs)) {
      const share = luck.next();
      // What was granted just now: of that the copies have hardly heard.
      const after = share < 0.4 ? this.#granted().at(-1)?.id : undefined;
      const by = share < 0.8 ? "summary" : "balances";
      const inv = performance.now();
      try {
        const asked = by === "summary" ? this.#copies.summary(after) : this.#copies.balances();
        this.#recorder.sum(
          seen({ reader, by, inv, ...(after !== undefined && { after }) }, await asked),
        );
      } catch {
        continue;
      }
    }
  }

  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#over;
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}

/** Both clocks are read at once, and both are rounded: so much may be between them. */
const roundingMs = 2;

function seen(
  asked: Pick<SumsRead, "reader" | "by" | "inv" | "after">,
  { from, asOf, sums }: SeenSums,
): SumsRead {
  const ret = performance.now();
  const ageMs = Date.now() - Date.parse(asOf);
  return { ...asked, from, sums, ret, asOf: ret - ageMs - roundingMs };
}
