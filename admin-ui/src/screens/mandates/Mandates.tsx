import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { MandateListView, MandateView } from "../../../../server/mandates/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Money, Time } from "../../ui/Figures.tsx";
import { formatMoney } from "../../ui/format.ts";
import { Page } from "../../ui/Page.tsx";
import { SplitBar } from "../../ui/SplitBar.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { Filter } from "../selling/Filter.tsx";
import { ListScreen } from "../selling/ListScreen.tsx";
import { useListOf } from "../selling/things.ts";
import { partsOf } from "./money.ts";
import { NewMandate } from "./NewMandate.tsx";

export function StateBadge({ state }: { readonly state: MandateView["state"] }) {
  if (state === "active") {
    return (
      <Badge tone="ok" icon="check">
        Active
      </Badge>
    );
  }
  if (state === "paused") {
    return (
      <Badge tone="warn" icon="pause">
        Paused
      </Badge>
    );
  }
  return (
    <Badge tone="bad" icon="cross">
      Revoked
    </Badge>
  );
}

const columns: readonly Column<MandateView>[] = [
  {
    id: "mandate",
    header: "Mandate",
    width: "minmax(0, 1.6fr)",
    cell: ({ name, agentId }) => (
      <span className="flex min-w-0 flex-col">
        <span className="truncate">{name}</span>
        <span className="truncate text-sm font-normal text-mute">{agentId ?? "any agent"}</span>
      </span>
    ),
  },
  {
    id: "cap",
    header: "Cap",
    width: "128px",
    align: "end",
    wideOnly: true,
    cell: ({ capMinor, currency }) => <Money minor={capMinor} currency={currency} />,
  },
  {
    id: "burn",
    header: "Spent, held, left",
    width: "minmax(120px, 1.6fr)",
    narrow: "108px",
    cell: (mandate) => {
      const { spentMinor, heldMinor, leftMinor } = mandate.money;
      const say = (minor: number): string => formatMoney(minor, mandate.currency);
      return (
        <span className="flex w-full min-w-0 flex-col gap-1.5">
          <SplitBar parts={partsOf(mandate)} height={6} />
          <span className="truncate text-sm leading-4 text-mute tabular-nums">
            <span className="max-md:hidden">{`${say(spentMinor)} spent · ${say(heldMinor)} held · `}</span>
            {say(leftMinor)} left
          </span>
        </span>
      );
    },
  },
  {
    id: "ends",
    header: "Ends",
    width: "104px",
    align: "end",
    wideOnly: true,
    cell: ({ expiresAt }) =>
      expiresAt === null ? <span className="text-mute">never</span> : <Time at={expiresAt} />,
  },
  {
    id: "state",
    header: "State",
    width: "84px",
    align: "end",
    cell: ({ state }) => <StateBadge state={state} />,
  },
];

const exampleMandate = {
  name: "office",
  currency: "EUR",
  capMinor: 100_000,
  dayLimitMinor: 20_000,
  agentId: "agent-7",
};

export function Mandates() {
  const { state, cursor, make } = useSearch({ from: "/signed-in/mandates" });
  const navigate = useNavigate({ from: "/mandates" });
  const list = useListOf<MandateListView>("mandates", { state, cursor });
  useLiveQueries(["mandates", "purchases"], [["mandates"]]);
  const reason = useReasonAgainst("mandates:write");
  const setMaking = (is: boolean): void =>
    void navigate({ search: (now) => ({ ...now, make: is ? "mandate" : undefined }) });
  usePaletteActions(
    reason === undefined
      ? [{ label: "New mandate", icon: "plus", run: () => setMaking(true) }]
      : [],
  );
  const create = (
    <Button look="primary" icon="plus" disabledReason={reason} onClick={() => setMaking(true)}>
      New mandate
    </Button>
  );
  const isNone = list.data?.data.length === 0 && cursor === undefined && state === undefined;
  return (
    <Page
      title="Mandates and budgets"
      actions={
        <>
          <Link to="/mandates/import" className={buttonClass()}>
            Import CSV
          </Link>
          {create}
        </>
      }
    >
      {!isNone && (
        <div role="group" aria-label="Filters" className="flex flex-wrap gap-x-5 gap-y-2">
          <Filter
            label="State"
            value={state}
            onChoose={(chosen) =>
              void navigate({ search: (now) => ({ ...now, state: chosen, cursor: undefined }) })
            }
          >
            <option value="">All</option>
            <option value="active">Active</option>
            <option value="paused">Paused</option>
            <option value="revoked">Revoked</option>
          </Filter>
        </div>
      )}
      <ListScreen
        noun="mandates"
        label="Mandates"
        list={list}
        columns={columns}
        cursor={cursor}
        rowHref={({ id }) => `/mandates/${id}`}
        rowHeight={52}
        isFiltered={state !== undefined}
        empty={<NoMandates create={create} />}
      />
      {make === "mandate" && reason === undefined && (
        <NewMandate onClose={() => setMaking(false)} />
      )}
    </Page>
  );
}

function NoMandates({ create }: { readonly create: ReactNode }) {
  return (
    <EmptyState
      icon="mandates"
      title="No mandates yet"
      docs={{ to: "/docs/tutorial/own-shop", words: "A shop with a mandate, step by step" }}
      action={create}
      curl={curlOf("POST", "/v1/mandates", exampleMandate)}
    >
      A mandate is somebody&rsquo;s permission for an agent to spend up to a cap. Ann lets agent-7
      spend €1,000 in all and €200 a day: its purchase of €150 goes through, the next of €60 is
      declined, and tomorrow it would pass. At every merchant here together, not at each.
    </EmptyState>
  );
}
