import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { ItemListView } from "../../../../server/items/wire.ts";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { get } from "../../api/client.ts";

/** What the selling screens read. The first word of a key is the topic that says when it is old. */

export interface MerchantListView {
  readonly data: readonly MerchantView[];
  readonly nextCursor: string | null;
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** A page of a list; what was there stays until the next one has come. */
export function useListOf<View>(noun: string, query: Query) {
  return useQuery({
    queryKey: [noun, "list", query],
    queryFn: ({ signal }) => get<View>(`/v1/${noun}`, { query: { limit: 50, ...query }, signal }),
    placeholderData: keepPreviousData,
  });
}

export function useThing<View>(noun: string, id: string, part?: string, query: Query = {}) {
  const path = `/v1/${noun}/${id}${part === undefined ? "" : `/${part}`}`;
  return useQuery({
    queryKey: [noun, id, part ?? "", query],
    queryFn: ({ signal }) => get<View>(path, { query, signal }),
  });
}

/** For pickers and names: the newest hundred. */
export function useMerchants() {
  const path = "/v1/merchants";
  return useQuery({
    queryKey: ["merchants", "hundred"],
    queryFn: ({ signal }) => get<MerchantListView>(path, { query: { limit: 100 }, signal }),
    staleTime: 60_000,
  });
}

/** For pickers and names: the newest hundred. */
export function useItems(query: Query = {}) {
  return useQuery({
    queryKey: ["items", "hundred", query],
    queryFn: ({ signal }) =>
      get<ItemListView>("/v1/items", { query: { limit: 100, ...query }, signal }),
  });
}

export function shortId(id: string): string {
  return `…${id.slice(-8)}`;
}

/** What somebody calls it; the end of its id where it is not among those that were read. */
export function nameIn(
  list: readonly { readonly id: string; readonly name: string }[] | undefined,
  id: string,
): string {
  return list?.find((one) => one.id === id)?.name ?? shortId(id);
}

/** Whether there is such a screen: what does not work yet is not linked. */
export function useHasScreen(path: string): boolean {
  return Object.hasOwn(useRouter().routesByPath, path);
}
