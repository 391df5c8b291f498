import { blockAgent } from "../../kernel/agent-commands.ts";
import { adjustStock, closeItem, reshardItem, setPrice } from "../../kernel/item-commands.ts";
import {
  pauseMandate,
  reshardMandate,
  revokeMandate,
  setCap,
} from "../../kernel/mandate-commands.ts";
import { commitAsk, makeShop, subject, type Shop } from "../factories.ts";
import type { Actor } from "./play.ts";
import { asks, commands, leaves, nothingAfter, toldOneOf, wordOf, type Case } from "./scene.ts";

const lastUnit = { item: { stock: 1n, buckets: 1 }, mandate: { capMinor: 100n, buckets: 1 } };

type Make = (shop: Shop) => Actor;

const close: Make = (shop) => commands((db) => closeItem(db, subject(shop)));
const revoke: Make = (shop) => commands((db) => revokeMandate(db, subject(shop)));
const pause: Make = (shop) => commands((db) => pauseMandate(db, subject(shop)));
const reprice: Make = (shop) =>
  commands((db) => setPrice(db, { ...subject(shop), priceMinor: 99n }));
const block: Make = ({ tenantId }) =>
  commands((db) =>
    blockAgent(db, { tenantId, agentId: "agent", by: "a test" }, (command) =>
      command({ write: async () => undefined }),
    ),
  );
const reshard: Make = (shop) => commands((db) => reshardItem(db, { ...subject(shop), buckets: 3 }));
const reshardMoney: Make = (shop) =>
  commands((db) => reshardMandate(db, { ...subject(shop), buckets: 3 }));
const shrink: Make = (shop) =>
  commands((db) => adjustStock(db, { ...subject(shop), quantity: -1n, reason: "broken" }));
const noCap: Make = (shop) => commands((db) => setCap(db, { ...subject(shop), capMinor: 0n }));

/** Whoever is told that it is done sees nothing come through that would not come through now. */
function stopped(name: string, command: Make, refusal: string): Case {
  return {
    name: `a purchase and ${name}`,
    async open({ db }) {
      const shop = await makeShop(db, lastUnit);
      return {
        actors: [asks(commitAsk(shop)), command(shop)],
        async law(run) {
          const sold = wordOf(run.outcomes[0]) === "granted";
          return [
            ...toldOneOf(run, ["granted,done", `${refusal},done`]),
            ...nothingAfter(run, 1, 0),
            ...(await leaves(db, shop, {
              available: sold ? 0n : 1n,
              remaining: sold ? 0n : 100n,
              purchases: sold ? 1 : 0,
            })),
          ];
        },
      };
    },
  };
}

/** The purchase comes through whatever the command does. */
function untouched(name: string, command: Make): Case {
  return {
    name: `a purchase and ${name}`,
    async open({ db }) {
      const shop = await makeShop(db, lastUnit);
      return {
        actors: [asks(commitAsk(shop)), command(shop)],
        law: async (run) => [
          ...toldOneOf(run, ["granted,done"]),
          ...(await leaves(db, shop, { available: 0n, remaining: 0n, purchases: 1 })),
        ],
      };
    },
  };
}

/** One of the two has it, never both and never neither. */
function either(name: string, command: Make, [sold, refused]: readonly [string, string]): Case {
  return {
    name: `a purchase and ${name}`,
    async open({ db }) {
      const shop = await makeShop(db, lastUnit);
      return {
        actors: [asks(commitAsk(shop)), command(shop)],
        law: async (run) => [...toldOneOf(run, [`granted,${refused}`, `${sold},done`])],
      };
    },
  };
}

const saleRevokeClose: Case = {
  name: "a purchase, a revocation and a close",
  async open({ db }) {
    const shop = await makeShop(db, lastUnit);
    return {
      actors: [asks(commitAsk(shop)), revoke(shop), close(shop)],
      async law(run) {
        const sold = wordOf(run.outcomes[0]) === "granted";
        return [
          ...toldOneOf(run, ["granted,done,done", "REVOKED,done,done", "ITEM_CLOSED,done,done"]),
          ...nothingAfter(run, 1, 0),
          ...nothingAfter(run, 2, 0),
          ...(await leaves(db, shop, { available: sold ? 0n : 1n })),
        ];
      },
    };
  },
};

const saleSaleReshard: Case = {
  name: "two purchases of the last unit and other buckets",
  async open({ db }) {
    const shop = await makeShop(db, { ...lastUnit, mandate: { buckets: 1 } });
    return {
      actors: [asks(commitAsk(shop)), asks(commitAsk(shop)), reshard(shop)],
      law: async (run) => [
        ...toldOneOf(run, ["granted,SOLD_OUT,done", "SOLD_OUT,granted,done"]),
        ...(await leaves(db, shop, { available: 0n, purchases: 1 })),
      ],
    };
  },
};

const twoCommands: Case = {
  name: "a revocation and a pause",
  async open({ db }) {
    const shop = await makeShop(db, lastUnit);
    return {
      actors: [revoke(shop), pause(shop)],
      async law(run) {
        const { rows } = await db.pool.query<{ state: string; active: boolean }>(
          `select m.state, b.active from mandates m join mandate_buckets b using (mandate_id)
            where mandate_id = $1`,
          [shop.mandate.mandateId],
        );
        const [row] = rows;
        return [
          ...toldOneOf(run, ["done,done", "done,REVOKED"]),
          ...(row?.state === "revoked" && !row.active ? [] : ["a revoked mandate is not revoked"]),
        ];
      },
    };
  },
};

export const commandingPairs: readonly Case[] = [
  stopped("a revocation", revoke, "REVOKED"),
  stopped("a pause", pause, "PAUSED"),
  stopped("a close", close, "ITEM_CLOSED"),
  stopped("another price", reprice, "AMOUNT_MISMATCH"),
  stopped("a block of the agent", block, "AGENT_BLOCKED"),
  untouched("other buckets of stock", reshard),
  untouched("other buckets of money", reshardMoney),
  either("the loss of the last unit", shrink, ["SOLD_OUT", "NOT_ENOUGH_STOCK"]),
  either("a cap of nothing", noCap, ["CAP", "CAP_BELOW_SPENT"]),
  twoCommands,
];

export const commandingThrees: readonly Case[] = [saleRevokeClose, saleSaleReshard];
