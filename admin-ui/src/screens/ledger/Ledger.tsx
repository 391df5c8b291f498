import { useNavigate, useSearch } from "@tanstack/react-router";
import { ExportButton } from "../../ui/ExportButton.tsx";
import { Button } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";
import { AsOf } from "./AsOf.tsx";
import { Entries } from "./Entries.tsx";
import { path, type LedgerSearch } from "./list.ts";
import { TrialBalance } from "./TrialBalance.tsx";

export function Ledger() {
  const search = useSearch({ from: "/signed-in/ledger" });
  const navigate = useNavigate({ from: "/ledger" });
  const set = (next: LedgerSearch): void => {
    void navigate({ search: next, replace: true, resetScroll: false });
  };
  const { at, ...filters } = search;
  return (
    <Page title="Ledger" actions={<ExportButton path={path} query={filters} name="ledger" />}>
      <TrialBalance
        at={at}
        picker={
          <>
            <AsOf
              at={at}
              onSet={(next) => set(next === undefined ? filters : { ...filters, at: next })}
            />
            {at !== undefined && (
              <Button size="small" onClick={() => set(filters)}>
                Back to now
              </Button>
            )}
          </>
        }
      />
      <Entries search={search} onSet={set} />
    </Page>
  );
}
