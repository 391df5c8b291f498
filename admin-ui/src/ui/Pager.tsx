import { Link } from "@tanstack/react-router";
import { buttonClass } from "./Button.tsx";

/** Under a list whose place is in the address: back to the newest, on to older ones. */
export function Pager({
  cursor,
  nextCursor,
  count,
  noun,
}: {
  readonly cursor: string | undefined;
  readonly nextCursor: string | null;
  readonly count: number;
  /** Of what: "items". */
  readonly noun: string;
}) {
  if (cursor === undefined && nextCursor === null) {
    return <span>{count === 1 ? "Only this one." : `All ${count} ${noun}.`}</span>;
  }
  return (
    <nav aria-label={`Pages of ${noun}`} className="flex items-center gap-2">
      <span className="me-auto">
        {nextCursor === null ? `The oldest ${noun}.` : `${count} ${noun}, newest first.`}
      </span>
      {cursor !== undefined && (
        <Link
          to="."
          search={((now: object) => ({ ...now, cursor: undefined })) as never}
          className={buttonClass("plain", "small")}
        >
          Newest
        </Link>
      )}
      {nextCursor !== null && (
        <Link
          to="."
          search={((now: object) => ({ ...now, cursor: nextCursor })) as never}
          className={buttonClass("plain", "small")}
        >
          Older
        </Link>
      )}
    </nav>
  );
}
