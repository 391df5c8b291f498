import * as script from "./script.ts";
import type { Buying, Preset } from "./script.ts";

const { books, capture, commit, hold, item, made, mandate, shop, waitUntilFree } = script;

const lamp = { item: "Lamp", mandate: "Budget", priceMinor: 2_500 } as const;
const one = (more: Partial<Buying> & Pick<Buying, "label" | "key">): Buying => ({
  ...lamp,
  agent: "agent-1",
  ...more,
});

const twoAgents: Preset = {
  id: "two-agents-one-unit",
  title: "Two agents, one unit",
  learn:
    "Looking and taking are one write. There is no moment at which both agents see the last unit and both get it, and nobody waits for a lock.",
  steps: [
    made(
      "One unit, and a budget of $50.00 for each agent.",
      [
        shop("North"),
        mandate("Budget 1", { capMinor: 5_000 }),
        mandate("Budget 2", { capMinor: 5_000 }),
      ],
      [item("Lamp", { priceMinor: 2_500, stock: 1, buckets: 1 })],
    ),
    {
      title: "Both ask at the same moment",
      see: "Which of them wins may differ from run to run. That exactly one wins does not.",
      waves: [
        (memory) =>
          [1, 2].map((n) =>
            commit(
              memory,
              one({
                label: `agent-${n} buys`,
                agent: `agent-${n}`,
                mandate: `Budget ${n}`,
                key: `buy ${n}`,
              }),
            ),
          ),
      ],
    },
    books("One unit is sold, none is left, and only the winner's budget was touched.", {
      items: ["Lamp"],
      mandates: ["Budget 1", "Budget 2"],
    }),
  ],
};

const twoMerchants: Preset = {
  id: "one-mandate-two-merchants",
  title: "One mandate, two merchants",
  learn:
    "Where every merchant checks a signed mandate on its own, as with AP2's stateless check, both would say yes and $120.00 of $100.00 would be spent. Here the mandate is debited in the transaction of the sale, whoever sells.",
  steps: [
    made(
      "Two shops, an item of $60.00 at each, and one mandate of $100.00.",
      [shop("North"), shop("South"), mandate("Budget", { capMinor: 10_000 })],
      [
        item("Lamp of North", { priceMinor: 6_000, stock: 5 }, "North"),
        item("Lamp of South", { priceMinor: 6_000, stock: 5 }, "South"),
      ],
    ),
    {
      title: "The agent buys at both at the same moment",
      see: "One is bought. The other is declined by the cap, with the sum that would have passed it.",
      waves: [
        (memory) =>
          (["North", "South"] as const).map((at) =>
            commit(
              memory,
              one({
                label: `Buys at ${at}`,
                item: `Lamp of ${at}`,
                priceMinor: 6_000,
                key: `buy at ${at}`,
                at,
              }),
            ),
          ),
      ],
    },
    books("$40.00 of the mandate is left, never less than nothing; one shop sold one unit.", {
      items: ["Lamp of North", "Lamp of South"],
      mandates: ["Budget"],
    }),
  ],
};

const lampAndBudget = (stock: number, capMinor = 10_000) =>
  made(
    `${stock === 1 ? "One unit" : `${stock} units`} at $25.00 and a mandate of $${capMinor / 100}.00.`,
    [shop("North"), mandate("Budget", { capMinor })],
    [item("Lamp", { priceMinor: 2_500, stock, buckets: stock })],
  );
const ofBoth = { items: ["Lamp"], mandates: ["Budget"] };

const replay: Preset = {
  id: "same-key-same-body",
  title: "Same key, same body",
  learn:
    "An answer that was lost on the way is asked for again under the same key. It is the first answer to the byte, with replayed set to true, however often and however late.",
  steps: [
    lampAndBudget(3),
    {
      title: "Buy one",
      see: "A first answer: replayed is false.",
      waves: [(memory) => [commit(memory, one({ label: "agent-1 buys", key: "buy" }))]],
    },
    {
      title: "The answer was lost: send the same again, five times at once",
      see: "The same intentId in all of them, and replayed is true.",
      waves: [
        (memory) =>
          [1, 2, 3, 4, 5].map((n) => commit(memory, one({ label: `Again, ${n}`, key: "buy" }))),
      ],
    },
    books("Six requests, one unit sold, $25.00 spent.", ofBoth),
  ],
};

const reuse: Preset = {
  id: "same-key-other-body",
  title: "Same key, other body",
  learn:
    "A key stands for one ask. Under it another body is refused with 409 and nothing is recorded: a client with a bug finds out, and buys nothing that it did not mean.",
  steps: [
    lampAndBudget(5),
    {
      title: "Buy one",
      see: "Bought, under a key of its own.",
      waves: [(memory) => [commit(memory, one({ label: "One lamp", key: "buy" }))]],
    },
    {
      title: "Two lamps under the same key",
      see: "409 KEY_REUSED. The first answer stays what the key is answered with.",
      waves: [
        (memory) => [
          commit(memory, one({ label: "Two lamps, same key", key: "buy", quantity: 2 })),
        ],
      ],
    },
    {
      title: "Two lamps under a new key",
      see: "A second purchase, because it says so.",
      waves: [
        (memory) => [
          commit(memory, one({ label: "Two lamps, new key", key: "buy two", quantity: 2 })),
        ],
      ],
    },
    books("1 + 2 sold, 2 free, $75.00 spent.", ofBoth),
  ],
};

const expired: Preset = {
  id: "expired-hold",
  title: "Expired hold",
  learn:
    "A hold ends by the database's clock, not when a sweeper finds it: whoever needs the unit takes it the moment after. A payment that comes too late is told so, and can be given back.",
  steps: [
    lampAndBudget(1),
    {
      title: "agent-1 holds the last unit for 3 seconds, agent-2 asks meanwhile",
      see: "agent-2 is told that it is sold out. That answer stays with its key.",
      waves: [
        (memory) => [hold(memory, one({ label: "agent-1 holds it", key: "hold" }), 3)],
        (memory) => [
          commit(memory, one({ label: "agent-2 buys", agent: "agent-2", key: "too early" })),
        ],
      ],
    },
    {
      title: "Wait until the hold is over",
      see: "A quote is asked for until it would sell. Nothing else runs meanwhile.",
      waves: [
        (memory) => [
          waitUntilFree(memory, one({ label: "Quote for agent-2", agent: "agent-2", key: "" })),
        ],
      ],
    },
    {
      title: "agent-2 asks under a new key, then agent-1 comes to pay",
      see: "agent-2 has the unit. agent-1's capture is declined: the hold has ended.",
      waves: [
        (memory) => [
          commit(memory, one({ label: "agent-2 buys", agent: "agent-2", key: "in time" })),
        ],
        (memory) => [capture(memory, "agent-1 captures", "hold")],
      ],
    },
    books("Sold once; the money of the hold came back, and $25.00 is spent.", ofBoth),
  ],
};

const split: Preset = {
  id: "split-buckets",
  title: "Split buckets",
  learn:
    "Stock lies in slices so that a crowd does not meet on one row. An ask may take from many of them in one transaction, so slices never make anything look sold out.",
  steps: [
    made(
      "Six units, each in a slice of its own, and $200.00 in four slices.",
      [shop("North"), mandate("Budget", { capMinor: 20_000, buckets: 4 })],
      [item("Lamp", { priceMinor: 2_500, stock: 6, buckets: 6 })],
    ),
    {
      title: "Buy four at once",
      see: "No slice holds four. It is bought from several; chosenBucketId names the first.",
      waves: [(memory) => [commit(memory, one({ label: "Four lamps", key: "four", quantity: 4 }))]],
    },
    {
      title: "Three more",
      see: "Sold out, and it says that two are free.",
      waves: [
        (memory) => [commit(memory, one({ label: "Three lamps", key: "three", quantity: 3 }))],
      ],
    },
    {
      title: "Then two",
      see: "The last two are sold, wherever they lie.",
      waves: [(memory) => [commit(memory, one({ label: "Two lamps", key: "two", quantity: 2 }))]],
    },
    books("Six sold, none free, $50.00 of the mandate is left.", ofBoth),
  ],
};

const cent = (memory: script.Memory, label: string, key: string, quantity: number) => [
  commit(memory, { ...one({ label, key, quantity }), item: "Bead", priceMinor: 1 }),
];

const lastCent: Preset = {
  id: "last-cent",
  title: "The last cent",
  learn:
    "Money is counted in whole minor units, never in fractions. A mandate can be spent to its last cent, and not one beyond.",
  steps: [
    made(
      "Beads of one cent, and a mandate of $10.00.",
      [shop("North"), mandate("Budget", { capMinor: 1_000 })],
      [item("Bead", { priceMinor: 1, stock: 2_000 })],
    ),
    {
      title: "Spend $9.99",
      see: "One cent is left.",
      waves: [(memory) => cent(memory, "999 beads", "most", 999)],
    },
    {
      title: "Ask for two cents",
      see: "Declined by the cap: $9.99 + $0.02 is one cent too much.",
      waves: [(memory) => cent(memory, "2 beads", "two", 2)],
    },
    {
      title: "Ask for the last cent, then for one more",
      see: "The last cent is spent. The next one is declined.",
      waves: [
        (memory) => cent(memory, "1 bead", "last", 1),
        (memory) => cent(memory, "1 more bead", "beyond", 1),
      ],
    },
    books("$0.00 is left, to the cent; 1,000 beads are sold.", {
      items: ["Bead"],
      mandates: ["Budget"],
    }),
  ],
};

export const presets: readonly Preset[] = [
  twoAgents,
  twoMerchants,
  replay,
  reuse,
  expired,
  split,
  lastCent,
];
