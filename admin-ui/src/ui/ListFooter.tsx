import { useEffect, useRef } from "react";
import { Button } from "./Button.tsx";
import { formatNumber } from "./format.ts";
import { ProblemNote } from "./ProblemNote.tsx";
import type { ListWork } from "../api/use-pages.ts";

/** Under a list: more is read before its end is reached, and the end says so. */
export function ListFooter({
  list,
  noun,
}: {
  readonly list: Pick<
    ListWork<unknown>,
    "rows" | "hasMore" | "isReadingMore" | "readMore" | "error"
  >;
  /** As in "purchases". */
  readonly noun: string;
}) {
  const end = useRef<HTMLDivElement>(null);
  const { rows, hasMore, isReadingMore, readMore, error } = list;
  const latest = useRef(readMore);
  useEffect(() => {
    latest.current = readMore;
  });
  useEffect(() => {
    if (!end.current || !hasMore || error) return undefined;
    // Some screens ahead: whoever scrolls at a normal pace does not see it.
    const near = { rootMargin: "0px 0px 1600px 0px" };
    const watch = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) latest.current();
    }, near);
    watch.observe(end.current);
    return () => watch.disconnect();
    // A page may be short: as long as the end is near, it is looked at again.
  }, [hasMore, rows.length, isReadingMore, error]);
  return (
    <div ref={end} className="flex min-h-8 flex-wrap items-center justify-between gap-2">
      <span>
        {formatNumber(rows.length)} {noun}
        {hasMore ? " so far" : ""}
      </span>
      {error && <ProblemNote error={error} />}
      {hasMore && (
        <Button size="small" busy={isReadingMore} onClick={readMore}>
          {isReadingMore ? "Reading more" : "Read more"}
        </Button>
      )}
    </div>
  );
}

/** What came in meanwhile, in one box with its list. It lies over the list, which does not move until it is asked to. */
export function FreshRows({
  list,
  noun,
}: {
  readonly list: Pick<ListWork<unknown>, "fresh" | "showFresh">;
  readonly noun: string;
}) {
  const { count, isMany } = list.fresh;
  const show = (): void => {
    list.showFresh();
    scrollTo({ top: 0 });
  };
  return (
    <div role="status" className="pointer-events-none sticky top-18 z-20 h-0">
      {count > 0 && (
        <div className="flex -translate-y-3.5 justify-center">
          <Button
            look="primary"
            size="small"
            icon="up"
            className="pointer-events-auto rounded-full shadow-float"
            onClick={show}
          >
            {formatNumber(count)}
            {isMany ? "+" : ""} new {noun}
          </Button>
        </div>
      )}
    </div>
  );
}
