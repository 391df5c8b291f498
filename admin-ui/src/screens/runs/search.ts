const numbers = [
  "new",
  "units",
  "duplicates",
  "seed",
  "mandates",
  "concurrency",
  "cut",
  "lost",
  "slow",
  "away",
] as const;

/** What the address of the list holds; `new`, a number of agents, opens the dialog. */
export type RunsSearch = Partial<Readonly<Record<(typeof numbers)[number], number>>> & {
  readonly cursor?: string;
};

export function searchOfRuns(search: Record<string, unknown>): RunsSearch {
  const known = numbers
    .map((name) => [name, Number(search[name])] as const)
    .filter(([name, value]) => search[name] !== undefined && Number.isSafeInteger(value));
  const { cursor } = search;
  return { ...Object.fromEntries(known), ...(typeof cursor === "string" && { cursor }) };
}
