import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ItemListView, WholeItemView } from "../../../../server/items/wire.ts";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { useFinding, withChosen } from "../../api/use-finding.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { FindInput } from "../../ui/FindInput.tsx";
import { Page } from "../../ui/Page.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { Filter } from "../selling/Filter.tsx";
import { ListScreen } from "../selling/ListScreen.tsx";
import { nameIn, useListOf, useMerchants } from "../selling/things.ts";
import { itemColumns } from "./ItemColumns.tsx";
import { NewItem } from "./NewItem.tsx";

const states = { open: "true", closed: "false" } as const;

const exampleItem = {
  sku: "LAMP-1",
  name: "a lamp",
  currency: "EUR",
  priceMinor: 1999,
  stock: 100,
};

/** With a merchant that there is; else with a variable of the shell. */
function exampleCurl(merchantId = "'$MERCHANT_ID'"): string {
  const curl = curlOf("POST", "/v1/items", { merchantId: "_", ...exampleItem });
  return curl.replace('"_"', `"${merchantId}"`);
}

export function Items() {
  const { merchantId, state, cursor, make } = useSearch({ from: "/signed-in/items" });
  const navigate = useNavigate({ from: "/items" });
  const open = state === "open" || state === "closed" ? states[state] : undefined;
  const list = useListOf<ItemListView>("items", { merchantId, open, cursor });
  const merchants = useMerchants().data?.data;
  useLiveQueries(["items", "purchases"], [["items"]]);
  const reason = useReasonAgainst("items:write");
  const setMaking = (is: boolean): void =>
    void navigate({ search: (now) => ({ ...now, make: is ? "item" : undefined }) });
  const choose = (chosen: Chosen): void =>
    void navigate({ search: (now) => ({ ...now, ...chosen, cursor: undefined }) });
  usePaletteActions(
    reason === undefined ? [{ label: "New item", icon: "plus", run: () => setMaking(true) }] : [],
  );
  const create = (
    <Button look="primary" icon="plus" disabledReason={reason} onClick={() => setMaking(true)}>
      New item
    </Button>
  );
  const isFiltered = merchantId !== undefined || open !== undefined;
  const isNone = list.data?.data.length === 0 && cursor === undefined && !isFiltered;
  return (
    <Page
      title="Items and inventory"
      actions={
        <>
          <Link to="/items/import" className={buttonClass()}>
            Import CSV
          </Link>
          {create}
        </>
      }
    >
      {!isNone && <Filters merchantId={merchantId} state={state} choose={choose} />}
      <ListScreen
        noun="items"
        label="Items"
        list={list}
        columns={withMerchant(merchants)}
        cursor={cursor}
        rowHref={({ id }) => `/items/${id}`}
        rowHeight={52}
        isFiltered={isFiltered}
        empty={
          <EmptyState
            icon="items"
            title="No items yet"
            docs={{ to: "/docs/tutorial/own-shop", words: "A shop with an item, step by step" }}
            action={create}
            curl={exampleCurl(merchants?.[0]?.id)}
          >
            An item is a thing that a merchant sells, with one price and a stock that cannot go
            below zero. Put 100 lamps in at €19.99: when 10,000 agents ask at once, 100 get one, and
            every lamp is free, held or sold, never two of these.
          </EmptyState>
        }
      />
      {make === "item" && reason === undefined && (
        <NewItem merchantId={merchantId} onClose={() => setMaking(false)} />
      )}
    </Page>
  );
}

interface Chosen {
  readonly merchantId?: string | undefined;
  readonly state?: string | undefined;
}

function Filters({
  merchantId,
  state,
  choose,
}: Chosen & { readonly choose: (chosen: Chosen) => void }) {
  const finding = useFinding<MerchantView>("merchants");
  const chosen = merchantId === undefined ? [] : [merchantId];
  return (
    <div role="group" aria-label="Filters" className="flex flex-wrap items-center gap-x-5 gap-y-2">
      <Filter
        label="Merchant"
        value={merchantId}
        onChoose={(chosen) => choose({ merchantId: chosen })}
      >
        <option value="">All</option>
        {withChosen(finding.found ?? [], chosen, finding.nameOf).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Filter>
      <FindInput finding={finding} noun="merchants" />
      <Filter label="State" value={state} onChoose={(chosen) => choose({ state: chosen })}>
        <option value="">All</option>
        <option value="open">On sale</option>
        <option value="closed">Closed</option>
      </Filter>
      {(merchantId !== undefined || state !== undefined) && (
        <Button
          look="quiet"
          size="small"
          onClick={() => choose({ merchantId: undefined, state: undefined })}
        >
          Clear the filters
        </Button>
      )}
    </div>
  );
}

function withMerchant(merchants: Parameters<typeof nameIn>[0]): readonly Column<WholeItemView>[] {
  const [item, ...rest] = itemColumns;
  if (!item) return rest;
  const merchant: Column<WholeItemView> = {
    id: "merchant",
    header: "Merchant",
    width: "minmax(0, 1.2fr)",
    wideOnly: true,
    cell: ({ merchantId }) => (
      <span className="truncate text-mute">{nameIn(merchants, merchantId)}</span>
    ),
  };
  return [item, merchant, ...rest];
}
