import { expireHolds } from "../../kernel/expire-holds.ts";
import { sql } from "../../db/sql.ts";
import { transact } from "../../db/transact.ts";
import { about, commitAsk, granted, holdAsk, makeShop, type Shop } from "../factories.ts";
import { query, turnBack } from "../look.ts";
import type { Actor } from "./play.ts";
import { asks, cameBefore, leaves, toldOneOf, wordOf, type Case, type Given } from "./scene.ts";

const lastUnit = { item: { stock: 1n, buckets: 1 }, mandate: { buckets: 1 } };
const oneOf = (count: number, word: string): string =>
  [...Array.from({ length: count - 1 }, () => word), "granted"].toSorted().join();

function sales(count: number): Case {
  return {
    name: `${count} purchases of the last unit`,
    async open({ db }) {
      const shop = await makeShop(db, lastUnit);
      return {
        actors: Array.from({ length: count }, () => asks(commitAsk(shop))),
        law: async (run) => [
          ...toldOneOf(run, [oneOf(count, "SOLD_OUT")], true),
          ...(await leaves(db, shop, { available: 0n, purchases: 1, answers: count })),
        ],
      };
    },
  };
}

function sameKey(count: number): Case {
  return {
    name: `${count} times the same ask under one key`,
    async open({ db }) {
      const shop = await makeShop(db, { item: { buckets: 1 }, mandate: { buckets: 1 } });
      const ask = commitAsk(shop);
      return {
        actors: Array.from({ length: count }, () => asks(ask)),
        async law(run) {
          const ids = new Set(run.outcomes.map((answer) => (answer as { id?: string }).id));
          const firsts = run.outcomes.filter(
            (answer) => !(answer as { replayed?: boolean }).replayed,
          );
          return [
            ...toldOneOf(run, [Array.from({ length: count }, () => "granted").join()]),
            ...(ids.size === 1 && firsts.length === 1 ? [] : ["not one purchase and its replays"]),
            ...(await leaves(db, shop, { purchases: 1, answers: 1, legs: 2, available: 99n })),
          ];
        },
      };
    },
  };
}

const otherBody: Case = {
  name: "two different asks under one key",
  async open({ db }) {
    const shop = await makeShop(db, { item: { buckets: 1 }, mandate: { buckets: 1 } });
    const ask = commitAsk(shop);
    return {
      actors: [asks(ask), asks(commitAsk(shop, { key: ask.key, quantity: 2n, amountMinor: 200n }))],
      law: async (run) => [
        ...toldOneOf(run, ["conflict,granted"], true),
        ...(await leaves(db, shop, { purchases: 1, answers: 1, legs: 2 })),
      ],
    };
  },
};

const lastMoney: Case = {
  name: "two purchases with the last money of a mandate",
  async open({ db }) {
    const mandate = { capMinor: 100n, buckets: 1 };
    const shop = await makeShop(db, { item: { buckets: 8 }, mandate });
    return {
      actors: [asks(commitAsk(shop)), asks(commitAsk(shop))],
      law: async (run) => [
        ...toldOneOf(run, ["CAP,granted"], true),
        ...(await leaves(db, shop, { remaining: 0n, purchases: 1, available: 99n })),
      ],
    };
  },
};

/** The last unit is sold already. */
async function soldOut({ db, kernel }: Given): Promise<{ shop: Shop; bought: string }> {
  const shop = await makeShop(db, lastUnit);
  return { shop, bought: await granted(kernel.ask(commitAsk(shop))) };
}

const returned = { kind: "refund", amountMinor: 100n, returnQuantity: 1n } as const;

const saleAndReturn: Case = {
  name: "a purchase and the return of the last unit",
  async open(given) {
    const { shop, bought } = await soldOut(given);
    return {
      actors: [asks(commitAsk(shop)), asks({ ...returned, ...about(shop, bought) })],
      async law(run) {
        const sold = wordOf(run.outcomes[0]) === "granted";
        return [
          ...toldOneOf(run, ["granted,granted", "SOLD_OUT,granted"]),
          ...(cameBefore(run, 1, 0) && !sold ? ["a returned unit was not for sale"] : []),
          ...(await leaves(given.db, shop, { available: sold ? 0n : 1n })),
        ];
      },
    };
  },
};

function refunds(count: number): Case {
  return {
    name: `${count} refunds of all of a purchase`,
    async open(given) {
      const { shop, bought } = await soldOut(given);
      return {
        actors: Array.from({ length: count }, () => asks({ ...returned, ...about(shop, bought) })),
        law: async (run) => [
          ...toldOneOf(run, [oneOf(count, "OVER_REFUND")], true),
          ...(await leaves(given.db, shop, { available: 1n, remaining: 1_000_000n, legs: 4 })),
        ],
      };
    },
  };
}

/** The last unit is held. */
async function held({ db, kernel }: Given): Promise<{ shop: Shop; hold: string }> {
  const shop = await makeShop(db, lastUnit);
  return { shop, hold: await granted(kernel.ask(holdAsk(shop))) };
}

const captureAndRelease: Case = {
  name: "a capture and a release",
  async open(given) {
    const { shop, hold } = await held(given);
    return {
      actors: [
        asks({ kind: "capture", ...about(shop, hold) }),
        asks({ kind: "release", ...about(shop, hold) }),
      ],
      async law(run) {
        const captured = wordOf(run.outcomes[0]) === "granted";
        return [
          ...toldOneOf(run, ["granted,CAPTURED", "RELEASED,granted"]),
          ...(await leaves(given.db, shop, { available: captured ? 0n : 1n })),
        ];
      },
    };
  },
};

/** How soon a hold ends, so that a capture may come before its end, around it and after it. */
const soonMs = 60;

const expiry: Actor = async ({ db }) => {
  const { released } = await expireHolds(db);
  return { kind: released > 0 ? "released" : "nothing" };
};

const captureAndExpiry: Case = {
  name: "a capture and the end of the hold",
  async open(given) {
    const { shop, hold } = await held(given);
    await query(
      given.db,
      `update purchases set expires_at = now() + interval '${soonMs} ms' where purchase_id = $1`,
      [hold],
    );
    const wait = sql`select pg_sleep(extract(epoch from max(expires_at) - clock_timestamp()))
                       from purchases where purchase_id = ${hold}`;
    return {
      actors: [
        asks({ kind: "capture", ...about(shop, hold) }),
        async (way) => {
          await transact(way.db, "wait", (tx) => tx.rows(wait));
          return expiry(way);
        },
      ],
      async law(run) {
        const captured = wordOf(run.outcomes[0]) === "granted";
        return [
          ...toldOneOf(run, ["granted,nothing", "HOLD_EXPIRED,released"]),
          ...(await leaves(given.db, shop, { available: captured ? 0n : 1n })),
        ];
      },
    };
  },
};

function afterExpiry(others: readonly ("capture" | "round")[]): Case {
  return {
    name: `a purchase of what an expired hold holds, and ${others.join(" and ")} of it`,
    async open(given) {
      const { shop, hold } = await held(given);
      await turnBack(given.db, [hold], "1 hour");
      const ask = asks({ kind: "capture", ...about(shop, hold) });
      return {
        actors: [
          asks(commitAsk(shop)),
          ...others.map((other) => (other === "capture" ? ask : expiry)),
        ],
        law: async (run) => [
          ...(wordOf(run.outcomes[0]) === "granted" ? [] : ["the unit was free and not sold"]),
          ...(wordOf(run.outcomes[others.indexOf("capture") + 1]) === "granted" &&
          others.includes("capture")
            ? ["captured after its end"]
            : []),
          ...(await leaves(given.db, shop, { available: 0n, purchases: 2, events: 3 })),
        ],
      };
    },
  };
}

const saleSaleReturn: Case = {
  name: "two purchases and the return of the last unit",
  async open(given) {
    const { shop, bought } = await soldOut(given);
    return {
      actors: [
        asks(commitAsk(shop)),
        asks(commitAsk(shop)),
        asks({ ...returned, ...about(shop, bought) }),
      ],
      async law(run) {
        const sold = run.outcomes.slice(0, 2).filter((one) => wordOf(one) === "granted").length;
        return [
          ...(sold <= 1 ? [] : ["one unit was sold twice"]),
          ...(await leaves(given.db, shop, { available: BigInt(1 - sold) })),
        ];
      },
    };
  },
};

export const buyingPairs: readonly Case[] = [
  sales(2),
  sameKey(2),
  otherBody,
  lastMoney,
  saleAndReturn,
  refunds(2),
  captureAndRelease,
  captureAndExpiry,
  afterExpiry(["capture"]),
  afterExpiry(["round"]),
];

export const buyingThrees: readonly Case[] = [
  sales(3),
  sameKey(3),
  saleSaleReturn,
  refunds(3),
  afterExpiry(["capture", "round"]),
];
