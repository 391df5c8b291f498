import { useNavigate, useSearch } from "@tanstack/react-router";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { curlOf } from "../../api/curl.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Button } from "../../ui/Button.tsx";
import { Time } from "../../ui/Figures.tsx";
import { Page } from "../../ui/Page.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { ListScreen } from "../selling/ListScreen.tsx";
import { useListOf, type MerchantListView } from "../selling/things.ts";
import { NewMerchant } from "./NewMerchant.tsx";

const columns: readonly Column<MerchantView>[] = [
  { id: "name", header: "Name", width: "minmax(0, 2fr)", cell: ({ name }) => name },
  {
    id: "id",
    header: "Id",
    width: "minmax(0, 2fr)",
    wideOnly: true,
    cell: ({ id }) => <code className="truncate font-mono text-xs text-mute">{id}</code>,
  },
  {
    id: "created",
    header: "Created",
    width: "120px",
    align: "end",
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

export function Merchants() {
  const { cursor, make } = useSearch({ from: "/signed-in/merchants" });
  const navigate = useNavigate({ from: "/merchants" });
  const list = useListOf<MerchantListView>("merchants", { cursor });
  const reason = useReasonAgainst("merchants:write");
  const setMaking = (is: boolean): void =>
    void navigate({ search: (now) => ({ ...now, make: is ? "merchant" : undefined }) });
  usePaletteActions(
    reason === undefined
      ? [{ label: "New merchant", icon: "plus", run: () => setMaking(true) }]
      : [],
  );
  const create = (
    <Button look="primary" icon="plus" disabledReason={reason} onClick={() => setMaking(true)}>
      New merchant
    </Button>
  );
  return (
    <Page title="Merchants" actions={create}>
      <ListScreen
        noun="merchants"
        label="Merchants"
        list={list}
        columns={columns}
        cursor={cursor}
        rowHref={({ id }) => `/merchants/${id}`}
        isFiltered={false}
        empty={
          <EmptyState
            icon="merchants"
            title="No merchants yet"
            action={create}
            curl={curlOf("POST", "/v1/merchants", { name: "Lamps & Co" })}
          >
            A merchant is who sells, and whom the ledger owes the money. A shop is one merchant; a
            marketplace has one for each seller: Lamps &amp; Co sells a lamp, and the books say what
            Lamps &amp; Co is owed.
          </EmptyState>
        }
      />
      {make === "merchant" && reason === undefined && (
        <NewMerchant onClose={() => setMaking(false)} />
      )}
    </Page>
  );
}
