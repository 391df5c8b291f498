import type { Plane } from "../../readplane/open.ts";
import type { Shelf, Sums } from "./history.ts";

/** The copies of a world, as those read them who may. */
export interface Copies {
  /** Past all that is bad: for programs that read DynamoDB themselves. */
  readonly plane: Plane;
  /** Of the merchant, with what an ask changed where its id is given. Rejects where there is no answer. */
  summary(after?: string): Promise<SeenSums>;
  balances(): Promise<SeenSums>;
}

export interface SeenSums {
  readonly from: "copies" | "books";
  /** By the clock of the database. */
  readonly asOf: string;
  readonly sums: Sums;
}

const patienceMs = 10_000;
const maxAgeSeconds = 600;

/** Through servers over HTTP, one after the other; the key may read the ledger. */
export function copiesOverHttp(
  plane: Plane,
  urls: readonly string[],
  apiKey: string,
  { merchantId }: Shelf,
): Copies {
  let turn = 0;
  const get = async <Body>(path: string): Promise<Body> => {
    const reply = await fetch(`${urls[turn++ % urls.length]}${path}`, {
      headers: { Authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(patienceMs),
    });
    if (reply.ok) return (await reply.json()) as Body;
    await reply.body?.cancel();
    throw new Error(`status ${reply.status}`);
  };
  return {
    plane,
    async summary(after) {
      const query = after === undefined ? "" : `?after=${after}`;
      const summary = await get<Summary>(`/v1/merchants/${merchantId}/summary${query}`);
      const [first] = summary.currencies;
      const { sales = 0, soldMinor = 0, refunds = 0, refundedMinor = 0, holds = 0 } = first ?? {};
      const sums = { sales, soldMinor: Number(soldMinor), refunds };
      const more = { refundedMinor: Number(refundedMinor), holds };
      return { from: summary.source, asOf: summary.asOf, sums: { ...sums, ...more } };
    },
    async balances() {
      const query = `merchantId=${merchantId}&maxAgeSeconds=${maxAgeSeconds}`;
      const { source, asOf, accounts } = await get<Balances>(`/v1/ledger/balances?${query}`);
      const payable = accounts.find(({ account }) => account === "MERCHANT_PAYABLE");
      return { from: source, asOf, sums: { payments: payable?.legs ?? 0 } };
    },
  };
}

interface Answered {
  readonly source: "copies" | "books";
  readonly asOf: string;
}

interface Summary extends Answered {
  readonly currencies: readonly {
    readonly sales: number;
    readonly soldMinor: string;
    readonly refunds: number;
    readonly refundedMinor: string;
    readonly holds: number;
  }[];
}

interface Balances extends Answered {
  readonly accounts: readonly { readonly account: string; readonly legs: number }[];
}
