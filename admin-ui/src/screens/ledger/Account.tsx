import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { usePageTitle } from "../../shell/page-title.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { ExportButton } from "../../ui/ExportButton.tsx";
import { Money, Num } from "../../ui/Figures.tsx";
import { Page } from "../../ui/Page.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { Entries } from "./Entries.tsx";
import { path, type LedgerSearch } from "./list.ts";
import { useBalances } from "./TrialBalance.tsx";
import { accountName, accounts, type Account as AccountName } from "./words.ts";

export function Account() {
  const { account } = useParams({ from: "/signed-in/ledger/accounts/$account" });
  const search = useSearch({ from: "/signed-in/ledger/accounts/$account" });
  const navigate = useNavigate({ from: "/ledger/accounts/$account" });
  const name = accountName(account);
  usePageTitle(name);
  const balances = useBalances(undefined).data?.accounts.filter((row) => row.account === account);
  const { at: _, ...filters } = { ...search, account };
  const set = ({ account: __, ...next }: LedgerSearch): void => {
    void navigate({ search: next, replace: true, resetScroll: false });
  };
  return (
    <Page
      title={name}
      back={{ to: "/ledger", label: "Ledger" }}
      about={
        <>
          <code className="font-mono text-xs">{account}</code>
          <CopyButton text={account} label="Copy the account" />
        </>
      }
      actions={
        <ExportButton path={path} query={filters} name={`ledger-${account.toLowerCase()}`} />
      }
    >
      {account in accounts && (
        <p className="max-w-[50rem] text-mute">{accounts[account as AccountName].says}</p>
      )}
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {balances?.map(({ currency, balanceMinor, debitMinor = 0, creditMinor = 0, legs }) => (
          <Tile
            key={currency}
            label={`Balance, ${currency}`}
            value={<Money minor={balanceMinor} currency={currency} />}
            note={
              <span>
                <Money minor={debitMinor} currency={currency} /> debit,{" "}
                <Money minor={creditMinor} currency={currency} /> credit, <Num value={legs} />{" "}
                entries
              </span>
            }
          />
        ))}
      </div>
      <Entries search={filters} fixed={["account"]} onSet={set} />
    </Page>
  );
}
