/** What the address of the playground says: whoever gets the link sees the same ask. */

export const presetIds = [
  "two-agents-one-unit",
  "one-mandate-two-merchants",
  "same-key-same-body",
  "same-key-other-body",
  "expired-hold",
  "split-buckets",
  "last-cent",
] as const;

export type PresetId = (typeof presetIds)[number];

/** What is asked, as the API has it, but for its key. */
export interface Ask {
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
  readonly agentId: string;
  readonly quantity: number;
  readonly amountMinor: number;
  readonly currency: string;
}

export type PlaygroundSearch = Partial<Ask> & { readonly preset?: PresetId };

const texts = ["merchantId", "itemId", "mandateId", "agentId", "currency"] as const;
const numbers = ["quantity", "amountMinor"] as const;

/** Whatever stands there: what is no number, no text or no preset is left out. */
export function readSearch(search: Record<string, unknown>): PlaygroundSearch {
  const read: { -readonly [Name in keyof PlaygroundSearch]: PlaygroundSearch[Name] } = {};
  for (const name of texts) {
    const value = search[name];
    if (typeof value === "string" || typeof value === "number") read[name] = String(value);
  }
  for (const name of numbers) {
    const value = search[name];
    if (value !== "" && Number.isFinite(Number(value ?? Number.NaN))) read[name] = Number(value);
  }
  const preset = presetIds.find((id) => id === search.preset);
  if (preset !== undefined) read.preset = preset;
  return read;
}
