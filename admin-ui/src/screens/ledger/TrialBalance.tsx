import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, type ReactNode } from "react";
import type { BalancesView } from "../../../../server/ledger/wire.ts";
import { get } from "../../api/client.ts";
import { useLive } from "../../live/use-live.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Money, Num, useNow } from "../../ui/Figures.tsx";
import { formatMoment } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import type { LedgerSearch } from "./list.ts";
import { accountName } from "./words.ts";

type Row = BalancesView["accounts"][number];

/** Every leg there is gets summed up for it, so it follows a busy shop at some distance. */
const refreshMs = 5_000;

export function useBalances(at: string | undefined) {
  const query = useQuery({
    queryKey: ["ledger", "balances", at],
    queryFn: ({ signal }) =>
      get<BalancesView>("/v1/ledger/balances", { query: { to: at }, signal }),
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive(["purchases"], () => {
    if (at !== undefined) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void query.refetch();
    }, refreshMs);
  });
  return query;
}

/** The whole of the books, whatever the list below is narrowed to: zero per currency, or they are wrong. */
export function TrialBalance({
  at,
  picker,
}: {
  readonly at: string | undefined;
  /** Chooses the moment. */
  readonly picker: ReactNode;
}) {
  const { data, error, refetch, isFetching } = useBalances(at);
  const now = useNow();
  if (!data) {
    return error ? (
      <ErrorState error={error} onRetry={() => void refetch()} />
    ) : (
      <SkeletonRows rows={4} />
    );
  }
  return (
    <Panel
      title="Trial balance"
      flush
      actions={
        <div className="flex flex-wrap items-center justify-end gap-2">
          <span className="text-sm text-mute">As of {formatMoment(data.asOf, now)}</span>
          {picker}
          {at === undefined && (
            <Button size="small" icon="refresh" busy={isFetching} onClick={() => void refetch()}>
              Sum up again
            </Button>
          )}
        </div>
      }
    >
      {data.accounts.length === 0 && (
        <p className="flex items-center gap-2 px-4 pt-1 pb-4">
          <Zero sum={0} currency="USD" />
          <span className="text-mute">
            Nothing was booked{at === undefined ? " yet" : " before"}.
          </span>
        </p>
      )}
      {data.trialBalance.map(({ currency, sumMinor }) => (
        <OfCurrency
          key={currency}
          currency={currency}
          sumMinor={sumMinor}
          at={at}
          rows={data.accounts.filter((row) => row.currency === currency)}
        />
      ))}
    </Panel>
  );
}

interface CurrencyProps {
  readonly currency: string;
  readonly sumMinor: number;
  readonly at: string | undefined;
  readonly rows: readonly Row[];
}

function OfCurrency({ currency, sumMinor, at, rows }: CurrencyProps) {
  const sum = (of: (row: Row) => number): bigint =>
    rows.reduce((total, row) => total + BigInt(of(row)), 0n);
  return (
    <SmallTable
      label={`Trial balance in ${currency}`}
      columns={columnsIn(currency, at)}
      rows={rows}
      rowKey={({ account }) => account}
      foot={{
        account: "Sum",
        legs: <Num value={sum(({ legs }) => legs)} />,
        debitMinor: <Money minor={sum(({ debitMinor = 0 }) => debitMinor)} currency={currency} />,
        creditMinor: (
          <Money minor={sum(({ creditMinor = 0 }) => creditMinor)} currency={currency} />
        ),
        balanceMinor: <Zero sum={sumMinor} currency={currency} />,
      }}
    />
  );
}

/** Every number leads to the entries that it is the sum of. */
function columnsIn(currency: string, at: string | undefined): readonly SmallColumn<Row>[] {
  const moment = at === undefined ? {} : { at, to: at };
  const money = (
    id: "debitMinor" | "creditMinor" | "balanceMinor",
    header: string,
    more: LedgerSearch = {},
  ): SmallColumn<Row> => ({
    id,
    header,
    align: "end",
    cell: ({ account, ...row }) => (
      <Drill search={{ account, currency, ...more, ...moment }}>
        <Money minor={row[id] ?? 0} currency={currency} />
      </Drill>
    ),
  });
  return [
    {
      id: "account",
      header: `Account, ${currency}`,
      cell: ({ account }) => (
        <Link
          to="/ledger/accounts/$account"
          params={{ account }}
          className="font-medium underline decoration-line underline-offset-2 hover:decoration-ink"
        >
          {accountName(account)}
        </Link>
      ),
    },
    {
      id: "legs",
      header: "Entries",
      align: "end",
      cell: ({ account, legs }) => (
        <Drill search={{ account, currency, ...moment }}>
          <Num value={legs} />
        </Drill>
      ),
    },
    money("debitMinor", "Debit", { side: "debit" }),
    money("creditMinor", "Credit", { side: "credit" }),
    money("balanceMinor", "Balance"),
  ];
}

function Zero({ sum, currency }: { readonly sum: number; readonly currency: string }) {
  return (
    <Badge tone={sum === 0 ? "ok" : "bad"} icon={sum === 0 ? "check" : "cross"}>
      <span className="sr-only">{sum === 0 ? "In balance: " : "Out of balance by "}</span>
      <Money minor={sum} currency={currency} />
    </Badge>
  );
}

function Drill({
  search,
  children,
}: {
  readonly search: LedgerSearch;
  readonly children: ReactNode;
}) {
  return (
    <Link
      to="/ledger"
      search={search}
      hash="entries"
      className="underline decoration-line underline-offset-2 hover:decoration-ink"
    >
      {children}
    </Link>
  );
}
