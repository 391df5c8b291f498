import type { ReactNode } from "react";
import type { ImportView, RowsView } from "../../../../server/imports/wire.ts";
import { ExportButton } from "../../ui/ExportButton.tsx";
import { Num, useNow } from "../../ui/Figures.tsx";
import { formatMoment, formatNumber, formatSpan } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable } from "../../ui/SmallTable.tsx";
import { ErrorState, PanelSkeleton } from "../../ui/States.tsx";
import { ThingLink } from "../../ui/ThingLink.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { useThing } from "../selling/things.ts";
import { rowsOf, thingsOf } from "./words.ts";

/** What came of it so far, in figures and in a sentence. */
export function Result({ it }: { readonly it: ImportView }) {
  const { state, rows, problem } = it;
  if (problem) {
    return (
      <Panel title="This file cannot be imported">
        <p>{problem.detail}</p>
        <p className="mt-1 text-mute">Nothing was made. Mend the file and import it anew.</p>
      </Panel>
    );
  }
  if (rows.checked === 0) return null;
  const isMade = it.startedAt !== null;
  const tiles = isMade ? <MadeTiles it={it} /> : <CheckedTiles it={it} />;
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-3">{tiles}</div>
      <p>
        {state === "checked" && (
          <>Nothing is made yet. Start the import when this is what you mean.</>
        )}
        {it.mayUndo && <Deadline it={it} />}
        {state === "undone" && undoneSays(it)}
        {state === "cancelled" && !isMade && "It was cancelled before anything was made."}
      </p>
    </>
  );
}

function CheckedTiles({ it: { kind, rows } }: { readonly it: ImportView }) {
  return (
    <>
      <Tile label="Rows" value={<Num value={rows.checked} />} note="in the file" />
      <Tile
        label="Good"
        tone={rows.good > 0 ? "ok" : "neutral"}
        value={<Num value={rows.good} />}
        note={`would become ${kind}`}
      />
      <Tile
        label="Bad"
        tone={rows.bad > 0 ? "bad" : "neutral"}
        value={<Num value={rows.bad} />}
        note="would be left out"
      />
    </>
  );
}

function MadeTiles({ it: { kind, rows, state } }: { readonly it: ImportView }) {
  const isUndone = state === "undone";
  const left: ReactNode = isUndone ? (
    <Tile label="Taken back" value={<Num value={rows.undone} />} note="nobody had used them" />
  ) : (
    <Tile
      label="Not reached"
      value={<Num value={rows.checked - rows.made - rows.refused} />}
      note="it ended before them"
    />
  );
  return (
    <>
      <Tile
        label="Made"
        tone={isUndone ? "neutral" : "ok"}
        value={<Num value={rows.made} />}
        note={kind}
      />
      <Tile
        label="Left out"
        tone={rows.refused > 0 ? "bad" : "neutral"}
        value={<Num value={rows.refused} />}
        note="bad rows"
      />
      {left}
    </>
  );
}

function Deadline({ it }: { readonly it: ImportView }) {
  const now = useNow();
  if (it.undoUntil === null) return null;
  const left = formatSpan(Date.parse(it.undoUntil) - now);
  return (
    <>
      It can be undone for {left} more, until {formatMoment(it.undoUntil, now)}.
    </>
  );
}

function undoneSays({ kind, rows }: ImportView): string {
  const gone = kind === "items" ? "closed, without stock" : "revoked";
  const stay = rows.kept === 1 ? "stays as it is" : "stay as they are";
  const kept = rows.kept === 0 ? "" : ` ${formatNumber(rows.kept)} in use ${stay}.`;
  return `${thingsOf(kind, rows.undone)} ${rows.undone === 1 ? "is" : "are"} ${gone}.${kept}`;
}

/** Those that undoing left alone: bought, held or changed by then. */
export function Kept({ it }: { readonly it: ImportView }) {
  const query = { undo: "kept" };
  const found = useThing<RowsView>("imports", it.id, "rows", { ...query, limit: 20 });
  const title = `${rowsOf(it.rows.kept)} in use`;
  const path = `/v1/imports/${it.id}/rows`;
  return (
    <Panel
      title={title}
      actions={<ExportButton path={path} query={query} name="kept-rows" />}
      flush
    >
      {found.data ? (
        <SmallTable
          label={title}
          columns={[
            { id: "row", header: "Row", align: "end", cell: ({ row }) => <Num value={row} /> },
            {
              id: "thing",
              header: it.kind === "items" ? "Item" : "Mandate",
              cell: ({ id }) => (
                <ThingLink at={it.kind === "items" ? "/items" : "/mandates"} id={id}>
                  <code className="font-mono text-xs">{id}</code>
                </ThingLink>
              ),
            },
          ]}
          rows={found.data.data}
          rowKey={({ id }) => id}
        />
      ) : found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <PanelSkeleton />
      )}
    </Panel>
  );
}
