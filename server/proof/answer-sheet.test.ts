import { describe, expect, it } from "vitest";
import { declinedText, grantedText, replayedText } from "../kernel/answers.ts";
import type { Answer } from "../kernel/types.ts";
import { AnswerSheet } from "./answer-sheet.ts";

type Final = Extract<Answer, { text: string }>;

const id = "00000000-0000-4000-8000-000000000000";
const granted: Final = {
  kind: "granted",
  id,
  text: grantedText({
    outcome: "COMMITTED",
    intentId: id,
    amountMinor: 100n,
    currency: "USD",
    attempts: 1,
  }),
  replayed: false,
};
const declined: Final = {
  kind: "declined",
  id,
  text: declinedText(id, { failureCode: "OUT_OF_STOCK", reason: "SOLD_OUT", asked: 1n }, 1),
  replayed: false,
};
const again = (answer: Final): Final => ({
  ...answer,
  text: replayedText(answer.text),
  replayed: true,
});

function told(...answers: [agent: number, answer: Final][]): AnswerSheet {
  const sheet = new AnswerSheet(10);
  for (const [agent, answer] of answers) sheet.note(agent, answer, true);
  return sheet;
}

describe("the sheet of what agents were told", () => {
  it("counts agents, not answers", () => {
    const sheet = told([0, granted], [0, again(granted)], [1, declined], [2, declined]);
    expect(sheet).toMatchObject({ answered: 3, sold: 1, declined: 2, replaysMatched: 1 });
    expect(sheet.declinedBy).toEqual({ SOLD_OUT: 2 });
  });

  it("takes a replay for the same in whichever order the two arrive", () => {
    const sheet = told(
      [0, again(granted)],
      [0, granted],
      [1, again(declined)],
      [1, again(declined)],
    );
    expect(sheet).toMatchObject({ replaysMatched: 2, replaysMismatched: 0 });
  });

  it.each<[what: string, second: Final]>([
    ["another outcome", again(declined)],
    ["one other byte", { ...again(granted), text: again(granted).text.replace("100", "101") }],
    ["a second answer that claims to be the first", granted],
  ])("notices %s", (_, second) => {
    const sheet = told([4, granted], [4, second]);
    expect(sheet).toMatchObject({ replaysMatched: 0, replaysMismatched: 1, sold: 1 });
    expect(sheet.mismatch).toContain("agent 4");
  });
});
