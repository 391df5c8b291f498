import type { WholeItemView } from "../../../../server/items/wire.ts";
import { formatNumber } from "../../ui/format.ts";
import type { BarPart } from "../../ui/SplitBar.tsx";

/** Where the units of an item are, from the till to the shelf. */
export function partsOf({ free, held, sold }: WholeItemView["stock"]): readonly BarPart[] {
  return [
    { label: "Sold", value: sold, shown: formatNumber(sold), colour: "var(--sold)" },
    { label: "Held", value: held, shown: formatNumber(held), colour: "var(--c-agent)" },
    { label: "Free", value: free, shown: formatNumber(free), colour: "var(--c-stock)" },
  ];
}
