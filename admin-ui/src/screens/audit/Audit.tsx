import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { EntryView } from "../../../../server/audit/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { usePages } from "../../api/use-pages.ts";
import type { Topic } from "../../live/events.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { ExportButton } from "../../ui/ExportButton.tsx";
import { Time } from "../../ui/Figures.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page } from "../../ui/Page.tsx";
import { NothingFits, PagedList } from "../../ui/PagedList.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { AuditFilters } from "./AuditFilters.tsx";
import { Chain } from "./Chain.tsx";
import { differenceOf } from "./difference.ts";
import { instanceLog, listOf, ownLog, type AuditSearch, type Log } from "./list.ts";
import { actionWords, actorWords, kindWords, thingWords } from "./words.ts";

const columns: readonly Column<EntryView>[] = [
  {
    id: "action",
    header: "Action",
    width: "minmax(150px, 1.5fr)",
    cell: (entry) => (
      <>
        {actionWords(entry.action)}
        <span className="block truncate text-sm font-normal text-mute md:hidden">
          {actorWords(entry.actor)} · <Time at={entry.at} />
        </span>
      </>
    ),
  },
  {
    id: "thing",
    header: "Thing",
    width: "minmax(110px, 1.5fr)",
    cell: ({ object }) => (
      <span className="truncate" title={`${kindWords(object.kind)} ${object.id}`}>
        {thingWords(object)}
      </span>
    ),
  },
  {
    id: "change",
    header: "Change",
    width: "minmax(120px, 2fr)",
    wideOnly: true,
    cell: (entry) => (
      <span className="truncate text-mute" title={changeOf(entry)}>
        {changeOf(entry)}
      </span>
    ),
  },
  {
    id: "actor",
    header: "By",
    width: "minmax(100px, 1.2fr)",
    wideOnly: true,
    cell: ({ actor }) => (
      <span className="truncate" title={actor.id}>
        {actorWords(actor)}
      </span>
    ),
  },
  {
    id: "when",
    header: "When",
    width: "minmax(96px, 128px)",
    align: "end",
    wideOnly: true,
    cell: ({ at }) => <Time at={at} />,
  },
  {
    id: "seq",
    header: "Entry",
    width: "72px",
    align: "end",
    wideOnly: true,
    cell: ({ seq }) => <span className="text-mute">{seq}</span>,
  },
];

/** The first thing that changed, in a line; the reason where somebody gave one; of what is new, how it began. */
function changeOf({ object, before, after, reason }: EntryView): string {
  const [first, ...more] = differenceOf(before, after).filter(({ isChanged }) => isChanged);
  if (reason !== null) return `“${reason}”`;
  if (!first) return "";
  if (before === null) {
    const told = [first, ...more].filter(
      ({ name, after: is }) => is !== object.name && is !== "none" && !name.endsWith(" id"),
    );
    return told.map((line) => `${line.name}: ${line.after ?? "none"}`).join(", ");
  }
  const rest = more.length === 0 ? "" : `, and ${more.length} more`;
  return `${first.name}: ${first.before ?? "none"} → ${first.after ?? "gone"}${rest}`;
}

export function Audit() {
  const search = useSearch({ from: "/signed-in/audit" });
  return <Whole log={ownLog} scope="audit:read" search={search} />;
}

export function InstanceAudit() {
  const search = useSearch({ from: "/signed-in/audit/instance" });
  return <Whole log={instanceLog} scope="instance:read" search={search} />;
}

function Whole({
  log,
  scope,
  search,
}: {
  readonly log: Log;
  readonly scope: "audit:read" | "instance:read";
  readonly search: AuditSearch;
}) {
  const reason = useReasonAgainst(scope);
  const isInstance = log === instanceLog;
  const title = isInstance ? "Audit log of this instance" : "Audit log";
  const back = isInstance ? { back: { to: ownLog.href, label: "Audit log" } } : {};
  if (reason !== undefined) {
    return (
      <Page title={title} {...back}>
        <NotForRole icon="audit" what="Entries of this log" reason={reason} />
      </Page>
    );
  }
  return (
    <Page title={title} {...back} actions={<Actions log={log} search={search} />}>
      <Chain log={log} />
      <List log={log} search={search} />
    </Page>
  );
}

function Actions({ log, search }: { readonly log: Log; readonly search: AuditSearch }) {
  const mayInstance = useReasonAgainst("instance:read") === undefined;
  const name = log === ownLog ? "audit" : "audit-instance";
  return (
    <>
      {log === ownLog && mayInstance && (
        <Link to="/audit/instance" className={buttonClass("quiet")}>
          Log of this instance
        </Link>
      )}
      <ExportButton path={`${log.path}/entries`} query={search} name={name} />
      <ExportButton path={`${log.path}/export`} query={{}} name={name} kind="jsonl" />
    </>
  );
}

/** What an admin act is about is told as it changes; the log itself has no topic. */
const topics: readonly Topic[] = ["items", "mandates", "merchants", "keys"];

function List({ log, search }: { readonly log: Log; readonly search: AuditSearch }) {
  const navigate = useNavigate();
  const set = (next: AuditSearch): void => {
    const to = log.href as "/audit";
    void navigate({ to, search: next, replace: true, resetScroll: false });
  };
  const list = usePages(listOf(log, search), topics);
  const empty =
    Object.keys(search).length > 0 ? (
      <NothingFits onClear={() => set({})}>
        What is done from now on and fits shows up here by itself.
      </NothingFits>
    ) : (
      <NoEntries log={log} />
    );
  return (
    <>
      <AuditFilters search={search} onSet={set} />
      <PagedList
        list={list}
        noun="entries"
        columns={columns}
        rowKey={({ seq }) => String(seq)}
        rowHref={({ seq }) => `${log.href}/${seq}`}
        empty={empty}
      />
    </>
  );
}

function NoEntries({ log }: { readonly log: Log }) {
  return (
    <EmptyState
      icon="audit"
      title="Nobody has changed anything yet"
      curl={curlOf("GET", `${log.path}/entries`)}
    >
      Every change of keys, people, merchants, items and mandates leaves an entry here, with who did
      it and what was before.
    </EmptyState>
  );
}
