import type { MandateView } from "../../../../server/mandates/wire.ts";
import { formatMoney } from "../../ui/format.ts";
import type { BarPart } from "../../ui/SplitBar.tsx";

/** Where the money of the cap is. */
export function partsOf({ money, currency }: MandateView): readonly BarPart[] {
  const part = (label: string, minor: number, colour: BarPart["colour"]): BarPart => ({
    label,
    value: minor,
    shown: formatMoney(minor, currency),
    colour,
  });
  return [
    part("Spent", money.spentMinor, "var(--c-mandate)"),
    part("Held", money.heldMinor, "var(--c-agent)"),
    part("Left", money.leftMinor, "var(--rest)"),
  ];
}
