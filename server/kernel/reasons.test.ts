import { expect, it } from "vitest";
import { declinedText } from "./answers.ts";
import { sentences } from "./reasons.ts";
import type { DeclineReason } from "./types.ts";

it("every decline says in words what to do, and stays JSON", () => {
  for (const [name, sentence] of Object.entries(sentences)) {
    const reason = name as DeclineReason;
    const text = declinedText("id", { failureCode: "MANDATE_REJECTED", reason }, 1);
    expect(JSON.parse(text)).toMatchObject({ reason, detail: sentence, replayed: false });
    expect(sentence).toMatch(/^[A-Z`].{15,}\.$/);
  }
});
