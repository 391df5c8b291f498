import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { VerdictView } from "../../../../server/audit/wire.ts";
import { get } from "../../api/client.ts";
import { Button } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Time } from "../../ui/Figures.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { Skeleton } from "../../ui/States.tsx";
import type { Log } from "./list.ts";
import { verdictWords } from "./words.ts";

/** Whether the log is as it was written: the server recomputes every hash to say so. */
export function Chain({ log }: { readonly log: Log }) {
  const { data, error, isFetching, refetch, dataUpdatedAt } = useQuery({
    queryKey: ["audit", log.path, "verify"],
    queryFn: ({ signal }) => get<VerdictView>(`${log.path}/verify`, { signal }),
    staleTime: 60_000,
  });
  const isBroken = data?.brokenAt != null;
  return (
    <section
      aria-label="The chain of hashes"
      className={classNames(
        "flex flex-col gap-3 rounded-lg border px-4 py-3",
        isBroken ? "border-bad bg-bad/8" : "bg-panel",
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        {data && (
          <span className={classNames("mt-0.5", isBroken ? "text-bad" : "text-ok")}>
            <Icon name={isBroken ? "cross" : "check"} size={20} />
          </span>
        )}
        <div className="min-w-0 flex-1 basis-72" role="status">
          {data ? <Says verdict={data} checkedAt={dataUpdatedAt} log={log} /> : null}
          {!data && !error && <Skeleton className="h-5 w-72 max-w-full" />}
          {!data && error && <ProblemNote error={error} />}
        </div>
        <Button icon="refresh" busy={isFetching} onClick={() => void refetch()}>
          Verify now
        </Button>
      </div>
      {data && isBroken && <Runbook seq={data.brokenAt?.seq ?? 0} />}
    </section>
  );
}

function Says({
  verdict,
  checkedAt,
  log,
}: {
  readonly verdict: VerdictView;
  readonly checkedAt: number;
  readonly log: Log;
}) {
  const { brokenAt, head, entries } = verdict;
  return (
    <>
      <p className="text-lg leading-6 font-medium text-pretty">{verdictWords(verdict)}</p>
      <p className="text-mute">
        {brokenAt
          ? `${entriesBefore(entries)} `
          : "Each entry is as it was written and follows on the one before it. "}
        Checked <Time at={new Date(checkedAt).toISOString()} />.
      </p>
      {brokenAt && (
        <p className="pt-1">
          <Link
            to={`${log.href}/${brokenAt.seq}` as "/"}
            className="underline decoration-line underline-offset-2 hover:decoration-ink"
          >
            Entry {brokenAt.seq}
          </Link>
        </p>
      )}
      {head.seq > 0 && (
        <p className="flex min-w-0 items-center gap-1 text-sm text-mute">
          <span className="whitespace-nowrap">Its end</span>
          <code className="min-w-0 truncate font-mono text-xs" title={head.hash}>
            {head.hash}
          </code>
          <CopyButton text={head.hash} label="Copy the hash of the last entry" />
        </p>
      )}
    </>
  );
}

function entriesBefore(entries: number): string {
  if (entries === 0) return "No entry before it can be relied on.";
  return entries === 1 ? "Entry 1 is whole." : `Entries 1 to ${entries} are whole.`;
}

/** The same as docs/how-to/broken-audit-log.md, in short: who reads this needs it now. */
function Runbook({ seq }: { readonly seq: number }) {
  return (
    <details open className="border-t border-bad/40 pt-3">
      <summary className="cursor-pointer font-medium">What to do now</summary>
      <ol className="flex list-decimal flex-col gap-2 ps-6 pt-2">
        <li>
          Keep what there is before anything else is changed: export the log, and take a backup of
          the database.
        </li>
        <li>
          Find the last copy that verifies: an export of before, or a backup. Entry {seq} in it is
          what was written.
          <div className="pt-1.5">
            <CodeBlock code="zerorace audit verify --file audit.jsonl" label="command" wraps />
          </div>
        </li>
        <li>
          See who can write to the database past ZeroRace, and change those passwords. Servers may
          only add to this log; its owner in the database may do more.
        </li>
        <li>
          Sales are not stopped by this, and the ledger has a proof of its own: run{" "}
          <code className="font-mono text-xs">zerorace prove</code>.
        </li>
      </ol>
      <p className="pt-2 text-sm text-mute">
        <a
          href="/docs/how-to/broken-audit-log"
          target="_blank"
          rel="noreferrer"
          className="inline-flex min-h-6 items-center underline"
        >
          The whole of it is in the docs<span className="sr-only">, in a new tab</span>
        </a>
      </p>
    </details>
  );
}
