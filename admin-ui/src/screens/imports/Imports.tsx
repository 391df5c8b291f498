import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ImportListView, ImportView } from "../../../../server/imports/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Num, Time } from "../../ui/Figures.tsx";
import { Page, Panel } from "../../ui/Page.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import type { Column } from "../../ui/Table.tsx";
import { ListScreen } from "../selling/ListScreen.tsx";
import { useListOf } from "../selling/things.ts";
import { DropFile } from "./DropFile.tsx";
import { useSending } from "./send-file.ts";
import { cutOff, isWhole, parentOf, sizeOf, stateWords, type Kind } from "./words.ts";

export function StateBadge({ it }: { readonly it: ImportView }) {
  const isCutOff = it.state === "uploading" && !isWhole(it);
  const { word, tone, icon } = isCutOff ? cutOff : stateWords[it.state];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}

const columns: readonly Column<ImportView>[] = [
  {
    id: "file",
    header: "File",
    width: "minmax(0, 2fr)",
    cell: (it) => (
      <span className="flex min-w-0 flex-col">
        <span className="truncate">{it.fileName}</span>
        <span className="truncate text-sm font-normal text-mute">
          {sizeOf(it.bytes)}
          {it.rows.checked > 0 && ` · ${it.rows.checked.toLocaleString()} rows`}
        </span>
      </span>
    ),
  },
  {
    id: "made",
    header: "Made",
    width: "88px",
    align: "end",
    cell: ({ rows }) => <Num value={rows.made - rows.undone} />,
  },
  {
    id: "left-out",
    header: "Left out",
    width: "88px",
    align: "end",
    wideOnly: true,
    cell: ({ rows }) => <Num value={rows.refused} />,
  },
  {
    id: "at",
    header: "Begun",
    width: "120px",
    align: "end",
    wideOnly: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: "state",
    header: "State",
    width: "104px",
    align: "end",
    cell: (it) => <StateBadge it={it} />,
  },
];

export function ItemImports() {
  const { cursor } = useSearch({ from: "/signed-in/items/import" });
  return <Imports kind="items" cursor={cursor} />;
}

export function MandateImports() {
  const { cursor } = useSearch({ from: "/signed-in/mandates/import" });
  return <Imports kind="mandates" cursor={cursor} />;
}

const asked: Readonly<Record<Kind, string>> = {
  items: "a SKU, a name, a price, a stock, a currency and the merchant's id",
  mandates: "a name, a cap and a currency; limits, dates and lists if there are any",
};

function Imports({ kind, cursor }: { readonly kind: Kind; readonly cursor: string | undefined }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const reason = useReasonAgainst("imports:write");
  const list = useListOf<ImportListView>("imports", { kind, cursor });
  useLiveQueries(["imports"], [["imports"]]);
  const sending = useSending({ kind }, (it) => {
    void queries.invalidateQueries({ queryKey: ["imports"] });
    void navigate({ to: "/imports/$id", params: { id: it.id } });
  });
  const { to, label } = parentOf[kind];
  return (
    <Page title={`Import ${kind}`} back={{ to, label }}>
      <DropFile label="Choose a CSV file" sending={sending} disabledReason={reason}>
        Drop a CSV file here: a row for each of the {kind}, under one header row. It needs{" "}
        {asked[kind]}. What the file has no column of can be one value for all rows. Nothing is made
        before you have seen what would be.
      </DropFile>
      <h2 className="-mb-2 text-lg font-semibold">Imports of the last 30 days</h2>
      <ListScreen
        noun="imports"
        label={`Imports of ${kind}`}
        list={list}
        columns={columns}
        cursor={cursor}
        rowHref={({ id }) => `/imports/${id}`}
        rowHeight={52}
        isFiltered={false}
        empty={<None kind={kind} />}
      />
    </Page>
  );
}

function None({ kind }: { readonly kind: Kind }) {
  return (
    <Panel>
      <p className="mb-3 text-mute">
        None yet. An import goes on if you close this page, and can be undone for 24 hours. From a
        shell it begins with:
      </p>
      <CodeBlock
        code={curlOf("POST", "/v1/imports", { kind, fileName: `${kind}.csv` })}
        label="curl"
      />
    </Panel>
  );
}
