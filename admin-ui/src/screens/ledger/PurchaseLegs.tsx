import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { WholeEntriesView, WholeEntryView } from "../../../../server/ledger/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Money } from "../../ui/Figures.tsx";
import { formatTime } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { ErrorState, PanelSkeleton } from "../../ui/States.tsx";
import { path } from "./list.ts";
import { accountName, kinds, sidesOf } from "./words.ts";

const side = (id: "debit" | "credit", header: string): SmallColumn<WholeEntryView> => ({
  id,
  header,
  align: "end",
  cell: (entry) => {
    const minor = sidesOf(entry)[id];
    return minor === undefined ? "" : <Money minor={minor} currency={entry.currency} />;
  },
});

const columns: readonly SmallColumn<WholeEntryView>[] = [
  { id: "kind", header: "Entry", cell: ({ kind }) => kinds[kind] },
  {
    id: "account",
    header: "Account",
    cell: ({ account, ownerName, ownerId }) => (
      <span className="flex flex-col">
        <Link
          to="/ledger/accounts/$account"
          params={{ account }}
          className="underline decoration-line underline-offset-2 hover:decoration-ink"
        >
          {accountName(account)}
        </Link>
        <span className="max-w-56 truncate text-sm text-mute">{ownerName ?? ownerId}</span>
      </span>
    ),
  },
  side("debit", "Debit"),
  side("credit", "Credit"),
  {
    id: "when",
    header: "Booked",
    cell: ({ createdAt }) => <span className="text-mute">{formatTime(createdAt)}</span>,
  },
];

/** What a purchase booked, the first first. */
export function PurchaseLegs({ id }: { readonly id: string }) {
  const reason = useReasonAgainst("ledger:read");
  const { data, error, refetch } = useQuery({
    queryKey: ["purchase", id, "legs"],
    queryFn: ({ signal }) => {
      const query = { purchaseId: id, view: "whole", limit: 100 };
      return get<WholeEntriesView>(path, { query, signal });
    },
    enabled: reason === undefined,
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const rows = (data?.data ?? []).toReversed();
  const [{ currency } = { currency: "USD" }] = rows;
  const sum = (of: "debit" | "credit"): bigint =>
    rows.reduce((total, row) => total + BigInt(sidesOf(row)[of] ?? 0), 0n);
  return (
    <Panel title="Ledger" flush>
      {reason === undefined && !data ? (
        <PanelSkeleton />
      ) : reason === undefined ? (
        <SmallTable
          label="Ledger entries of this purchase"
          columns={columns}
          rows={rows}
          rowKey={({ transactionId, leg }) => `${transactionId}.${leg}`}
          foot={{
            kind: "Sum",
            debit: <Money minor={sum("debit")} currency={currency} />,
            credit: <Money minor={sum("credit")} currency={currency} />,
          }}
        />
      ) : (
        <p className="px-4 pt-1 pb-4 text-mute">{reason}</p>
      )}
    </Panel>
  );
}
