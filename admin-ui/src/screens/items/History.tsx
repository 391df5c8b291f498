import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { MoveListView, PriceListView, WholeItemView } from "../../../../server/items/wire.ts";
import { Money, Num, Time } from "../../ui/Figures.tsx";
import { Panel } from "../../ui/Page.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { buttonClass } from "../../ui/Button.tsx";
import { useThing } from "../selling/things.ts";

type Move = MoveListView["data"][number];

/** What became of the stock and the price, and why. */
export function History({ item }: { readonly item: WholeItemView }) {
  const { tab = "stock" } = useSearch({ from: "/signed-in/items/$id" });
  const navigate = useNavigate({ from: "/items/$id" });
  const open = tab === "prices" ? "prices" : "stock";
  return (
    <Panel title="History">
      <Tabs
        label="History"
        open={open}
        tabs={[
          { id: "stock", label: "Stock" },
          { id: "prices", label: "Prices" },
        ]}
        onOpen={(id) =>
          void navigate({
            search: (now) => ({ ...now, tab: id, cursor: undefined }),
            replace: true,
          })
        }
      >
        <div className="-mx-4 -mb-4">
          {open === "stock" ? <Moves id={item.id} /> : <Prices item={item} />}
        </div>
      </Tabs>
    </Panel>
  );
}

const moveColumns: readonly Column<Move>[] = [
  {
    id: "when",
    header: "When",
    width: "minmax(96px, 1fr)",
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: "quantity",
    header: "Units",
    width: "80px",
    align: "end",
    cell: ({ quantity }) => <Num value={quantity} signDisplay="exceptZero" />,
  },
  {
    id: "reason",
    header: "Reason",
    width: "minmax(0, 3fr)",
    cell: ({ reason }) => (
      <span className="truncate" title={reason}>
        {reason}
      </span>
    ),
  },
];

function Moves({ id }: { readonly id: string }) {
  const { cursor } = useSearch({ from: "/signed-in/items/$id" });
  const found = useThing<MoveListView>("items", id, "stock-moves", { limit: 20, cursor });
  const { data: list, error, refetch } = found;
  if (error && !list) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!list) return <SkeletonRows bare rows={3} />;
  const isPaged = cursor !== undefined || list.nextCursor !== null;
  return (
    <Table
      bare
      label="Stock moves"
      columns={moveColumns}
      rows={list.data}
      rowKey={(move) => move.id}
      rowHeight={36}
      footer={isPaged ? <Pages cursor={cursor} next={list.nextCursor} /> : undefined}
    />
  );
}

function Pages({
  cursor,
  next,
}: {
  readonly cursor: string | undefined;
  readonly next: string | null;
}) {
  const to = (there: string | undefined, words: string) => (
    <Link
      from="/items/$id"
      to="."
      search={(now) => ({ ...now, cursor: there })}
      resetScroll={false}
      className={buttonClass("plain", "small")}
    >
      {words}
    </Link>
  );
  return (
    <nav aria-label="Pages of stock moves" className="flex justify-end gap-2">
      {cursor !== undefined && to(undefined, "Newest")}
      {next !== null && to(next, "Older")}
    </nav>
  );
}

function Prices({ item }: { readonly item: WholeItemView }) {
  const found = useThing<PriceListView>("items", item.id, "prices");
  const { data: list, error, refetch } = found;
  if (error && !list) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!list) return <SkeletonRows bare rows={3} />;
  type Price = PriceListView["data"][number];
  const columns: readonly Column<Price>[] = [
    {
      id: "since",
      header: "Since",
      width: "minmax(96px, 1fr)",
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
    {
      id: "price",
      header: "Price",
      width: "120px",
      align: "end",
      cell: ({ priceMinor }) => <Money minor={priceMinor} currency={item.currency} />,
    },
    {
      id: "version",
      header: "Version",
      width: "minmax(0, 3fr)",
      cell: ({ priceVersion }) => (
        <span className="text-mute">
          {priceVersion}
          {priceVersion === item.priceVersion && ", the price of now"}
        </span>
      ),
    },
  ];
  return (
    <Table
      bare
      label="Prices"
      columns={columns}
      rows={list.data}
      rowKey={({ priceVersion }) => String(priceVersion)}
      rowHeight={36}
    />
  );
}
