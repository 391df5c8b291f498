import { expect, it } from "vitest";
import { answerOf, buying, granted, historyOf, withBooks } from "../../testing/histories.ts";
import { violationsOf } from "./check.ts";
import type { History, Violation } from "./history.ts";
import { asLines, shrink } from "./shrink.ts";

const first = (history: History): Violation => violationsOf(history)[0] as Violation;
const many = Array.from({ length: 40 }, (_, op) => granted(op, 10 * op, 10 * op + 5));

it("of a lost answer the one attempt is left that was told it", () => {
  const again = { ...granted(7, 500, 510), nth: 99, replayed: true };
  const history = historyOf([...many, again]);
  const lost = withBooks(history, {
    answers: history.books.answers.filter(({ key }) => key !== "k7"),
  });
  const left = shrink(lost, first(lost));
  expect(left).toHaveLength(1);
  expect(left[0]?.key).toBe("k7");
});

it("of a purchase that was made twice both keys are left, in the order of their asking", () => {
  const second = granted(50, 900, 910, { op: 3, key: "k3-b", asked: buying(3) });
  const twice = historyOf([...many, second]);
  const violation = violationsOf(twice).find(({ check }) => check === "C2") as Violation;
  const lines = asLines(shrink(twice, violation));
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^ +30\.0 to +35\.0 ms {2}#3 op 3 commit k3: ok, granted i3$/);
  expect(lines[1]).toContain("op 3 commit k3-b");
});

it("of answers that differ two are left", () => {
  const told = (nth: number, said: string) => ({ ...granted(7, 500 + nth, 510 + nth), nth, said });
  const attempts = [told(1, "{"), told(2, "{"), told(3, "["), told(4, "{")];
  const history = withBooks(historyOf(many), {});
  const differs = {
    ...history,
    attempts: [...many.filter(({ key }) => key !== "k7"), ...attempts],
  };
  const rows = withBooks(differs, {
    answers: history.books.answers.map((row) => (row.key === "k7" ? answerOf(told(1, "{")) : row)),
  });
  const violation = violationsOf(rows).find(
    ({ check, says }) => check === "C5" && says.includes("and then"),
  );
  expect(shrink(rows, violation as Violation).length).toBeLessThanOrEqual(2);
});
