import type { WholeItemView } from "../../../../server/items/wire.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Money } from "../../ui/Figures.tsx";
import { formatNumber } from "../../ui/format.ts";
import { SplitBar } from "../../ui/SplitBar.tsx";
import type { Column } from "../../ui/Table.tsx";
import { partsOf } from "./stock.ts";

export function SaleBadge({ item }: { readonly item: WholeItemView }) {
  if (!item.open) return <Badge icon="pause">Closed</Badge>;
  if (item.stock.free === 0) {
    return (
      <Badge tone="warn" icon="stop">
        Sold out
      </Badge>
    );
  }
  return (
    <Badge tone="ok" icon="check">
      On sale
    </Badge>
  );
}

export const itemColumns: readonly Column<WholeItemView>[] = [
  {
    id: "item",
    header: "Item",
    width: "minmax(0, 2.4fr)",
    cell: ({ name, sku, priceMinor, currency }) => (
      <span className="flex min-w-0 flex-col">
        <span className="truncate">{name}</span>
        <span className="truncate text-sm font-normal text-mute">
          {sku}
          <span className="md:hidden">
            {" · "}
            <Money minor={priceMinor} currency={currency} />
          </span>
        </span>
      </span>
    ),
  },
  {
    id: "price",
    header: "Price",
    width: "112px",
    align: "end",
    wideOnly: true,
    cell: ({ priceMinor, currency }) => <Money minor={priceMinor} currency={currency} />,
  },
  {
    id: "stock",
    header: "Stock",
    width: "minmax(84px, 1.2fr)",
    narrow: "82px",
    cell: ({ stock }) => (
      <span className="flex w-full min-w-0 flex-col gap-1.5">
        <SplitBar parts={partsOf(stock)} height={6} />
        <span className="truncate text-sm leading-4 text-mute tabular-nums">
          {formatNumber(stock.free)} free
          <span className="max-md:hidden">
            {stock.held > 0 && ` · ${formatNumber(stock.held)} held`}
            {stock.sold > 0 && ` · ${formatNumber(stock.sold)} sold`}
          </span>
        </span>
      </span>
    ),
  },
  {
    id: "state",
    header: "State",
    width: "86px",
    align: "end",
    cell: (item) => <SaleBadge item={item} />,
  },
];
