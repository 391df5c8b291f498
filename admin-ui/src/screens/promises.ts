/** The four numbers of the house, as every screen calls them, and what each of them means. */
export const promises = [
  { name: "oversells", finding: "oversells", label: "Oversells", rule: "sold ≤ stock" },
  {
    name: "duplicateSettlements",
    finding: "duplicate_settlements",
    label: "Double charges",
    rule: "one charge per key",
  },
  {
    name: "mandateBreaches",
    finding: "mandate_breaches",
    label: "Budget overruns",
    rule: "spent ≤ mandate",
  },
  { name: "ledgerDrift", finding: "ledger_drift", label: "Ledger drift", rule: "debits = credits" },
] as const;
