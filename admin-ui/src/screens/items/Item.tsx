import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { WholeItemView } from "../../../../server/items/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Money, Num, Time } from "../../ui/Figures.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { SplitFigures } from "../../ui/SplitBar.tsx";
import { ErrorState, Skeleton } from "../../ui/States.tsx";
import { RecentPurchases } from "../selling/RecentPurchases.tsx";
import { nameIn, useMerchants, useThing } from "../selling/things.ts";
import { SaleBadge } from "./columns.tsx";
import { History } from "./History.tsx";
import { ItemAct, type ActName } from "./ItemActs.tsx";
import { partsOf } from "./stock.ts";

const back = { to: "/items", label: "Items and inventory" };

export function Item() {
  const { id } = useParams({ from: "/signed-in/items/$id" });
  const found = useThing<WholeItemView>("items", id);
  useLiveQueries(["items", "purchases"], [["items"]]);
  usePageTitle(found.data?.name ?? "Item");
  if (found.data) return <Loaded item={found.data} />;
  return (
    <Page title="Item" back={back}>
      {found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Skeleton className="h-56 w-full" />
      )}
    </Page>
  );
}

const acts = ["adjust", "price", "close", "open", "reshard"] as const;

function Loaded({ item }: { readonly item: WholeItemView }) {
  const { act } = useSearch({ from: "/signed-in/items/$id" });
  const navigate = useNavigate({ from: "/items/$id" });
  const [done, setDone] = useState<string>();
  const reason = useReasonAgainst("items:write");
  const begin = (name: ActName | undefined): void =>
    void navigate({ search: (now) => ({ ...now, act: name }), replace: true });
  const verb = item.open ? "close" : "open";
  const offered: readonly (readonly [ActName, string])[] = [
    ["adjust", "Adjust the stock"],
    ["price", "Set a new price"],
    [verb, item.open ? "Close the sale" : "Open the sale"],
    ["reshard", "Reshard the stock"],
  ];
  usePaletteActions(
    reason === undefined ? offered.map(([name, label]) => ({ label, run: () => begin(name) })) : [],
  );
  const open = acts.find((name) => name === act);
  return (
    <Page
      title={item.name}
      back={back}
      about={<SaleBadge item={item} />}
      actions={
        <>
          {offered.slice(1, 3).map(([name, label]) => (
            <Button key={name} disabledReason={reason} onClick={() => begin(name)}>
              {label}
            </Button>
          ))}
          <Button
            look="primary"
            icon="adjust"
            disabledReason={reason}
            onClick={() => begin("adjust")}
          >
            Adjust the stock
          </Button>
        </>
      }
    >
      {done !== undefined && <Notice onClose={() => setDone(undefined)}>{done}</Notice>}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_30rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Stock">
            <div className="flex flex-col gap-3">
              <SplitFigures parts={partsOf(item.stock)} />
              <p className="text-sm text-mute">
                <Num value={item.stock.stocked} /> were stocked in all, and each of them is in one
                of these three places.
              </p>
            </div>
          </Panel>
          <RecentPurchases by="itemId" id={item.id} />
          <History item={item} />
        </div>
        <Aside item={item} onReshard={() => begin("reshard")} reason={reason} />
      </div>
      {open && reason === undefined && (
        <ItemAct name={open} item={item} onDone={setDone} onClose={() => begin(undefined)} />
      )}
    </Page>
  );
}

function Aside({
  item,
  reason,
  onReshard,
}: {
  readonly item: WholeItemView;
  readonly reason: string | undefined;
  readonly onReshard: () => void;
}) {
  const merchants = useMerchants().data?.data;
  const { id, merchantId, sku, priceMinor, currency, createdAt, buckets } = item;
  const path = `/v1/items/${id}`;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Panel
        title="Profile"
        actions={<CopyButton text={curlOf("GET", path)} words="Copy as curl" size="small" />}
      >
        <Facts
          facts={[
            ["Price", <Money key="price" minor={priceMinor} currency={currency} />],
            ["SKU", sku],
            [
              "Merchant",
              <Link
                key="merchant"
                to="/merchants/$id"
                params={{ id: merchantId }}
                className="text-accent underline"
              >
                {nameIn(merchants, merchantId)}
              </Link>,
            ],
            ["Id", <IdText key="id" id={id} />],
            ["Created", <Time key="at" at={createdAt} />],
          ]}
        />
      </Panel>
      <Panel
        title="Buckets"
        actions={
          <Button size="small" disabledReason={reason} onClick={onReshard}>
            Reshard
          </Button>
        }
      >
        <p>
          The stock lies in <b>{buckets}</b> {buckets === 1 ? "bucket" : "buckets"}.{" "}
          <span className="text-mute">
            More of them let more buyers through at once: for a rush take some more than sales run
            at one time. Take few when only a handful of units is left.
          </span>
        </p>
      </Panel>
    </div>
  );
}
