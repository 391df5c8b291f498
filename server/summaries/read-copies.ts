import { PlaneAwayError, type Plane } from "../readplane/open.ts";
import { readTotals, readWatermark } from "../readplane/query.ts";
import { currencyView, type SummaryView } from "./wire.ts";

interface Told {
  readonly currency: string;
  readonly sums: readonly {
    readonly account: string;
    readonly kind: string;
    readonly amountMinor: string;
    readonly legs: string;
  }[];
}

/** Undefined while DynamoDB is away, or has said nothing yet: then the books are asked. */
export async function readCopies(plane: Plane, ownerId: string): Promise<SummaryView | undefined> {
  try {
    // First: what comes to the copies after the mark was read is more than it promises.
    const asOf = await readWatermark(plane);
    const copies = await readTotals(plane, ownerId);
    if (asOf === undefined) return undefined;
    const currencies = copies.map(({ view }) => {
      const { currency, sums } = view as Told;
      const exact = sums.map(({ amountMinor, legs, ...rest }) => {
        return { ...rest, amountMinor: BigInt(amountMinor), legs: BigInt(legs) };
      });
      return currencyView(currency, exact);
    });
    return { source: "copies", asOf, currencies };
  } catch (error) {
    if (error instanceof PlaneAwayError) return undefined;
    throw error;
  }
}
