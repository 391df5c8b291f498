import { Link } from "@tanstack/react-router";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { Panel } from "../../ui/Page.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table } from "../../ui/Table.tsx";
import { itemColumns } from "../items/columns.tsx";
import { useItems } from "../selling/things.ts";

/** What a merchant sells. */
export function MerchantItems({ id }: { readonly id: string }) {
  const found = useItems({ merchantId: id, limit: 20 });
  useLiveQueries(["items", "purchases"], [["items"]]);
  const reason = useReasonAgainst("items:write");
  const { data: list, error, refetch } = found;
  const links = (
    <div className="flex items-center gap-4 text-sm">
      {reason === undefined && (
        <Link
          to="/items"
          search={{ merchantId: id, make: "item" }}
          className="text-accent underline"
        >
          New item
        </Link>
      )}
      <Link to="/items" search={{ merchantId: id }} className="text-accent underline">
        All its items
      </Link>
    </div>
  );
  return (
    <Panel title="Items" actions={links} flush>
      {error && !list && <ErrorState error={error} onRetry={() => void refetch()} />}
      {found.isPending && <SkeletonRows bare rows={3} />}
      {list?.data.length === 0 && (
        <p className="px-4 pb-4 text-mute">
          It sells nothing yet. An item is a thing with a price and a stock.
        </p>
      )}
      {list && list.data.length > 0 && (
        <Table
          bare
          label="Items of this merchant"
          columns={itemColumns}
          rows={list.data}
          rowKey={(item) => item.id}
          rowHref={(item) => `/items/${item.id}`}
          rowHeight={52}
        />
      )}
    </Panel>
  );
}
