import { useParams } from "@tanstack/react-router";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import type { SummaryView } from "../../../../server/summaries/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Money, Num, Time } from "../../ui/Figures.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { ErrorState, Skeleton } from "../../ui/States.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { RecentPurchases } from "../selling/RecentPurchases.tsx";
import { useThing } from "../selling/things.ts";
import { MerchantItems } from "./MerchantItems.tsx";

const back = { to: "/merchants", label: "Merchants" };

export function Merchant() {
  const { id } = useParams({ from: "/signed-in/merchants/$id" });
  const found = useThing<MerchantView>("merchants", id);
  const merchant = found.data;
  usePageTitle(merchant?.name ?? "Merchant");
  if (!merchant) {
    return (
      <Page title="Merchant" back={back}>
        {found.error ? (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Skeleton className="h-40 w-full" />
        )}
      </Page>
    );
  }
  const curl = curlOf("GET", `/v1/merchants/${id}`);
  return (
    <Page title={merchant.name} back={back}>
      <Sums id={id} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_30rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <MerchantItems id={id} />
          <RecentPurchases by="merchantId" id={id} />
        </div>
        <Panel
          title="Profile"
          actions={<CopyButton text={curl} words="Copy as curl" size="small" />}
        >
          <Facts
            facts={[
              ["Name", merchant.name],
              ["Id", <IdText key="id" id={id} />],
              ["Created", <Time key="at" at={merchant.createdAt} />],
            ]}
          />
        </Panel>
      </div>
    </Page>
  );
}

/** What it sold and is owed, by currency: the sums of its ledger accounts. */
function Sums({ id }: { readonly id: string }) {
  const reason = useReasonAgainst("ledger:read");
  if (reason !== undefined) {
    return (
      <p className="rounded-lg border bg-panel px-4 py-3 text-mute">
        What this merchant sold and is owed stands in the ledger. {reason}
      </p>
    );
  }
  return <SumTiles id={id} />;
}

function SumTiles({ id }: { readonly id: string }) {
  const found = useThing<SummaryView>("merchants", id, "summary");
  useLiveQueries(["purchases"], [["merchants", id, "summary"]]);
  const { data: sums, error, refetch } = found;
  if (error && !sums) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!sums) return <Skeleton className="h-24 w-full" />;
  if (sums.currencies.length === 0) {
    return (
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <Tile label="Payable" value="0" note="Nothing is sold yet." />
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      {sums.currencies.map((one) => (
        <div key={one.currency} className="grid grid-cols-2 gap-3 md:gap-4 lg:grid-cols-4">
          <Tile
            label="Payable"
            value={<Money minor={one.payableMinor} currency={one.currency} />}
            note="Sold, less what went back."
          />
          <Tile
            label="Sold"
            value={<Money minor={one.soldMinor} currency={one.currency} />}
            note={<Counted count={one.sales} noun="sale" />}
          />
          <Tile
            label="Held"
            value={<Money minor={one.heldMinor} currency={one.currency} />}
            note={<Counted count={one.holds} noun="hold" after="so far" />}
          />
          <Tile
            label="Refunded"
            value={<Money minor={one.refundedMinor} currency={one.currency} />}
            note={<Counted count={one.refunds} noun="refund" />}
          />
        </div>
      ))}
      <p className="text-sm text-mute">
        {sums.source === "books" ? "From the books, exact" : "From copies that follow the books"}
        {sums.asOf !== null && (
          <>
            , as of <Time at={sums.asOf} />
          </>
        )}
        .
      </p>
    </div>
  );
}

function Counted({
  count,
  noun,
  after = "",
}: {
  readonly count: number;
  readonly noun: string;
  readonly after?: string;
}) {
  return (
    <span>
      <Num value={count} /> {count === 1 ? noun : `${noun}s`} {after}
    </span>
  );
}
