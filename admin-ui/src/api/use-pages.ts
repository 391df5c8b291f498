import {
  infiniteQueryOptions,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import type { Topic } from "../live/events.ts";
import { useLive } from "../live/use-live.ts";
import { get } from "./client.ts";

/** A list of the API, page after page, that does not move under the reader's eyes. */

export interface PageOf<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

type Query = Readonly<Record<string, string | undefined>>;
type Cursor = string | undefined;
type Pages<Row> = InfiniteData<PageOf<Row>, Cursor>;

export interface ListOf<Row> {
  readonly path: string;
  readonly query: Query;
  readonly rowKey: (row: Row) => string;
}

const pageRows = 100;

/** What was read stays as it is: "static" keeps it from being read again from its beginning to its end. */
export function pagesOf<Row>({ path, query }: Pick<ListOf<Row>, "path" | "query">) {
  return infiniteQueryOptions({
    queryKey: ["pages", path, query],
    queryFn: ({ pageParam, signal }) => readPage<Row>(path, query, pageParam, signal),
    initialPageParam: undefined as Cursor,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    staleTime: "static",
  });
}

function readPage<Row>(path: string, query: Query, cursor: Cursor, signal: AbortSignal) {
  return get<PageOf<Row>>(path, { query: { ...query, limit: pageRows, cursor }, signal });
}

export interface ListWork<Row> {
  readonly rows: readonly Row[];
  readonly isFirst: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isReadingMore: boolean;
  readonly readMore: () => void;
  readonly retry: () => void;
  /** How many came in since; `isMany`: and maybe more. */
  readonly fresh: { readonly count: number; readonly isMany: boolean };
  readonly showFresh: () => void;
}

export function usePages<Row>(list: ListOf<Row>, topics: readonly Topic[]): ListWork<Row> {
  const { path, query, rowKey } = list;
  const client = useQueryClient();
  const options = pagesOf<Row>(list);
  const pages = useInfiniteQuery(options);
  const [first] = pages.data?.pages ?? [];
  const newest = useQuery({
    queryKey: ["newest", path, query],
    queryFn: ({ signal }) => readPage<Row>(path, query, undefined, signal),
    enabled: first !== undefined,
    ...(first && { initialData: first, initialDataUpdatedAt: pages.dataUpdatedAt }),
  });
  useSoon(topics, () => void newest.refetch());
  // There may be ten thousand of them.
  const rows = useMemo(() => pages.data?.pages.flatMap(({ data }) => data) ?? [], [pages.data]);
  const fresh = useMemo(
    () => freshIn(newest.data, rows, rowKey),
    // oxlint-disable-next-line react/exhaustive-deps -- a list has one way to tell its rows apart
    [newest.data, rows],
  );
  const showFresh = (): void => {
    if (!newest.data) return;
    const shown: Pages<Row> = { pages: [newest.data], pageParams: [undefined] };
    client.setQueryData(options.queryKey, shown);
  };
  const { data } = newest;
  useEffect(() => {
    if (!data) return;
    client.setQueryData<Pages<Row>>(
      options.queryKey,
      (shown) => shown && renew(shown, data, rowKey),
    );
    // oxlint-disable-next-line react/exhaustive-deps -- only what was read anew changes anything
  }, [data]);
  const isError = pages.isError && !pages.isFetching;
  return {
    rows,
    isFirst: pages.isPending && !isError,
    error: isError ? pages.error : null,
    hasMore: pages.hasNextPage,
    isReadingMore: pages.isFetchingNextPage,
    readMore: () => {
      if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage();
    },
    retry: () => void (first ? pages.fetchNextPage() : pages.refetch()),
    fresh,
    showFresh,
  };
}

/** What stands before the first row that is shown; among nothing, everything is shown at once. */
function freshIn<Row>(
  newest: PageOf<Row> | undefined,
  rows: readonly Row[],
  rowKey: (row: Row) => string,
): { count: number; isMany: boolean } {
  if (!newest) return { count: 0, isMany: false };
  const known = new Set(rows.map(rowKey));
  const at = newest.data.findIndex((row) => known.has(rowKey(row)));
  if (at !== -1) return { count: at, isMany: false };
  return { count: newest.data.length, isMany: newest.nextCursor !== null };
}

/** Rows that are shown, as they are now; an empty list takes what there is. */
function renew<Row>(
  shown: Pages<Row>,
  newest: PageOf<Row>,
  rowKey: (row: Row) => string,
): Pages<Row> {
  const isEmpty = shown.pages.every(({ data }) => data.length === 0);
  if (isEmpty) return { pages: [newest], pageParams: [undefined] };
  const now = new Map(newest.data.map((row) => [rowKey(row), row]));
  const pages = shown.pages.map((page) =>
    page.data.some((row) => now.has(rowKey(row)))
      ? { ...page, data: page.data.map((row) => now.get(rowKey(row)) ?? row) }
      : page,
  );
  return { ...shown, pages };
}

/** However much is heard: at most once a second. */
const soonMs = 1_000;

function useSoon(topics: readonly Topic[], work: () => void): void {
  const latest = useRef(work);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  useLive(topics, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, soonMs);
  });
}
