import { expect, it } from "vitest";
import type { Finding, Proof } from "./prove.ts";
import { proofAsJson, proofAsText } from "./report.ts";

const finding = (
  name: string,
  rows: Finding["counterexamples"] = [],
  count = rows.length,
): Finding => ({
  name,
  says: `${name} says.`,
  kind: "invariant",
  count,
  counterexamples: rows,
  ms: 1,
});

const proof = (drift: Finding): Proof => ({
  tenantId: null,
  at: new Date("2026-03-01T12:00:00Z"),
  ms: 12.4,
  findings: [
    finding("oversells"),
    finding("duplicate_settlements"),
    drift,
    finding("mandate_breaches"),
  ],
});

const beyondJson = 9_007_199_254_740_993n;
const broken = proof(
  finding(
    "ledger_drift",
    [
      { clause: "transaction", txn_id: "t1", off_by: beyondJson },
      { clause: "currency", currency: "EUR", tenant_id: null },
    ],
    250,
  ),
);

it("says what broke without relying on colour, with its counterexamples in small tables", () => {
  expect(proofAsText(broken)).toBe(`All tenants at 2026-03-01T12:00:00.000Z

ok      oversells                0  oversells says.
ok      duplicate_settlements    0  duplicate_settlements says.
BROKEN  ledger_drift           250  ledger_drift says.
ok      mandate_breaches         0  mandate_breaches says.

1 of 4 BROKEN, in 12 ms.

ledger_drift: 250 counterexamples, 2 of them shown

  clause       txn_id  off_by
  transaction  t1      9007199254740993

  clause    currency  tenant_id
  currency  EUR       -
`);
});

it("says in one line that all hold", () => {
  expect(proofAsText(proof(finding("ledger_drift")))).toMatch(/\n\nAll 4 hold, in 12 ms\.\n$/);
});

it("keeps numbers in JSON that a JSON number cannot hold", () => {
  const read = JSON.parse(proofAsJson(broken));
  expect(read).toMatchObject({ holds: false, ledgerDrift: 250, oversells: 0 });
  expect(read.findings[2].counterexamples[0].off_by).toBe("9007199254740993");
});
