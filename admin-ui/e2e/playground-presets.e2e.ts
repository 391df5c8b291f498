import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { PresetId } from "../src/screens/playground/search.ts";
import { expectAccessible } from "./accessible.ts";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

type Told = readonly (readonly string[])[];

/** What every call was answered, step by step, and at last what the books say: as the page shows it. */
function told(page: Page): Promise<string[][]> {
  return page.locator("[data-step]").evaluateAll((steps) => {
    const partsOf = (element: Element, selector: string): string =>
      [...element.querySelectorAll(selector)].map((part) => part.textContent.trim()).join(", ");
    const named = (element: Element, name: string, selector: string): string =>
      `${element.getAttribute(name) ?? ""}: ${partsOf(element, selector)}`;
    return steps.map((step) => [
      ...[...step.querySelectorAll("[data-call]")].map((call) =>
        named(call, "data-call", "[data-outcome] > span"),
      ),
      ...[...step.querySelectorAll("[data-book]")].map((book) =>
        named(book, "data-book", "dl > div").replaceAll(/([a-z])([$\d])/g, "$1 $2"),
      ),
    ]);
  });
}

async function runToEnd(page: Page): Promise<Told> {
  await page.getByRole("button", { name: /^Run( again)?$/ }).click();
  await page.locator('[data-step="now"]').waitFor();
  await page.getByRole("button", { name: "Run again" }).waitFor({ timeout: 30_000 });
  return told(page);
}

/** The constraint that the stack shows in its frame. */
const framed = (page: Page) =>
  page
    .locator('[data-state="BINDING"], [data-state="REPLAYED"]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-constraint")));

/** After the first step, which makes the world; then what the stack shows at the end. */
const scenarios: readonly (readonly [id: PresetId, after: Told, framed: readonly string[]])[] = [
  [
    "same-key-same-body",
    [
      ["agent-1 buys: Bought"],
      [1, 2, 3, 4, 5].map((n) => `Again, ${n}: Bought, Replayed`),
      ["Lamp: sold 1, held 0, free 2, stocked 3", "Budget: used $25.00, left $75.00, cap $100.00"],
    ],
    ["key"],
  ],
  [
    "same-key-other-body",
    [
      ["One lamp: Bought"],
      ["Two lamps, same key: 409 KEY_REUSED"],
      ["Two lamps, new key: Bought"],
      ["Lamp: sold 3, held 0, free 2, stocked 5", "Budget: used $75.00, left $25.00, cap $100.00"],
    ],
    [],
  ],
  [
    "expired-hold",
    [
      ["agent-1 holds it: Held", "agent-2 buys: Declined: sold out"],
      ["Quote for agent-2: WOULD_COMMIT"],
      ["agent-2 buys: Bought", "agent-1 captures: Declined: the hold has ended"],
      ["Lamp: sold 1, held 0, free 0, stocked 1", "Budget: used $25.00, left $75.00, cap $100.00"],
    ],
    [],
  ],
  [
    "split-buckets",
    [
      ["Four lamps: Bought"],
      ["Three lamps: Declined: sold out"],
      ["Two lamps: Bought"],
      ["Lamp: sold 6, held 0, free 0, stocked 6", "Budget: used $150.00, left $50.00, cap $200.00"],
    ],
    [],
  ],
  [
    "last-cent",
    [
      ["999 beads: Bought"],
      ["2 beads: Declined: over the mandate's cap"],
      ["1 bead: Bought", "1 more bead: Declined: over the mandate's cap"],
      [
        "Bead: sold 1,000, held 0, free 1,000, stocked 2,000",
        "Budget: used $10.00, left $0.00, cap $10.00",
      ],
    ],
    ["CAP"],
  ],
];

it.each(scenarios)("%s shows what it says it shows", async (id, after, bound) => {
  const page = await stage.signedInPage(`/playground?preset=${id}`);
  expect((await runToEnd(page)).slice(1)).toEqual(after);
  expect(await framed(page)).toEqual(bound);
  await expectAccessible(page);
});

/** Of two at once either may win; what the loser has stays as it was. */
it("two agents get one unit once, again and again, and the address follows", async () => {
  const page = await stage.signedInPage("/playground?preset=two-agents-one-unit");
  const items = new Set<string>();
  for (let runs = 0; runs < 3; runs++) {
    const [, bought = [], books = []] = await runToEnd(page);
    const winner = bought[0]?.endsWith("Bought") ? 1 : 2;
    const loser = 3 - winner;
    expect(bought.toSorted()).toEqual(
      [`agent-${winner} buys: Bought`, `agent-${loser} buys: Declined: sold out`].toSorted(),
    );
    expect(books.toSorted()).toEqual(
      [
        "Lamp: sold 1, held 0, free 0, stocked 1",
        `Budget ${winner}: used $25.00, left $25.00, cap $50.00`,
        `Budget ${loser}: used $0.00, left $50.00, cap $50.00`,
      ].toSorted(),
    );
    expect(await framed(page)).toEqual(["SOLD_OUT"]);
    await page.waitForURL((url) => {
      const itemId = url.searchParams.get("itemId") ?? "";
      return itemId !== "" && !items.has(itemId);
    });
    const itemId = new URL(page.url()).searchParams.get("itemId") ?? "";
    items.add(itemId);
    const { stock } = await stage.call<{ stock: object }>("GET", `/v1/items/${itemId}`);
    expect(stock).toEqual({ stocked: 1, free: 0, held: 0, sold: 1 });
  }
});

it("one mandate at two merchants is spent once, and the other is told the sum", async () => {
  const page = await stage.signedInPage("/playground?preset=one-mandate-two-merchants");
  const [, bought = [], books = []] = await runToEnd(page);
  const outcomes = bought.map((line) => line.replace(/^[^:]*: /, ""));
  expect(outcomes.toSorted()).toEqual(["Bought", "Declined: over the mandate's cap"]);
  expect(books.at(-1)).toBe("Budget: used $60.00, left $40.00, cap $100.00");
  expect(books.filter((line) => line.includes("sold 1,"))).toHaveLength(1);
  expect(await framed(page)).toEqual(["CAP"]);
  await page
    .locator("[data-verdict]:visible")
    .getByText("$60.00 used + $60.00 for this = $120.00")
    .waitFor();
  await expectAccessible(page);
});

it("goes step by step, shows each as it is done, and runs the rest", async () => {
  const page = await stage.signedInPage("/playground?preset=same-key-other-body");
  const done = page.locator('[data-step="done"]');
  const next = async (name: string, count: number): Promise<void> => {
    await page.getByRole("button", { name }).click();
    await done.nth(count - 1).waitFor();
    expect(await done.count()).toBe(count);
  };
  await next("Step by step", 1);
  await next("Next step", 2);
  await next("Next step", 3);
  expect(await framed(page)).toEqual(["key"]);
  await page.getByText("409", { exact: false }).first().waitFor();
  await page.locator("summary").filter({ hasText: "Two lamps, same key" }).click();
  await page.getByText('"code": "KEY_REUSED"').first().waitFor();
  await next("Run the rest", 5);
  await page.getByRole("button", { name: "Close the scenario" }).click();
  await page.waitForURL((url) => !url.searchParams.has("preset"));
});
