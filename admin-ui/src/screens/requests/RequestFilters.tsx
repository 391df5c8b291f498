import { useQuery } from "@tanstack/react-query";
import type { KeyView } from "../../../../server/keys/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import type { PageOf } from "../../api/use-pages.ts";
import { FilterBar, SelectFilter, TextFilter, TimeFilter } from "../../ui/FilterBar.tsx";
import { filtersIn } from "../../ui/filters.ts";
import { Segments } from "../../ui/Segments.tsx";
import { filterNames, type FilterName, type RequestSearch } from "./search.ts";

const callers = [
  ["", "Programs"],
  ["person", "People"],
  ["all", "All"],
] as const;

const labels: Readonly<Record<FilterName, string>> = {
  status: "Status",
  method: "Method",
  code: "Code",
  route: "Route",
  keyId: "API key",
  idempotencyKey: "Idempotency key",
  replayed: "Replay",
  from: "From",
  to: "Before",
};

const statuses = [
  ["2xx", "2xx, done"],
  ["4xx", "4xx, refused"],
  ["5xx", "5xx, failed"],
  ["401", "401"],
  ["403", "403"],
  ["404", "404"],
  ["409", "409"],
  ["422", "422"],
  ["429", "429"],
] as const;

const replays = [
  ["true", "Replays"],
  ["false", "First times"],
] as const;

const methods = ["GET", "POST", "DELETE"].map((method) => [method, method] as const);

/** The newest hundred of them, to choose from. An address may name any. */
function useKeys(): readonly KeyView[] {
  const reason = useReasonAgainst("keys:read");
  const { data } = useQuery({
    queryKey: ["keys", "named"],
    queryFn: ({ signal }) => get<PageOf<KeyView>>("/v1/keys", { query: { limit: 100 }, signal }),
    staleTime: 60_000,
    enabled: reason === undefined,
  });
  return data?.data ?? [];
}

export function RequestFilters({
  search,
  onSet,
}: {
  readonly search: RequestSearch;
  readonly onSet: (next: RequestSearch) => void;
}) {
  const keys = useKeys();
  const { field, active, setOne } = filtersIn({
    search,
    labels: { ...labels, by: "Sent by" },
    wordsOf: (name, value) => {
      if (name === "keyId") return keys.find(({ id }) => id === value)?.name;
      return name === "replayed" ? (value === "true" ? "yes" : "no") : value;
    },
    onSet,
  });
  return (
    <FilterBar
      active={active(filterNames)}
      onClear={() => onSet(search.by === undefined ? {} : { by: search.by })}
      start={
        <Segments
          label="Sent by"
          options={callers}
          value={search.by ?? ""}
          onSet={(value) => setOne("by", value || undefined)}
        />
      }
    >
      <SelectFilter {...field("status")} options={statuses} />
      <SelectFilter {...field("method")} options={methods} />
      <TextFilter {...field("route")} hint="As in /v1/purchases/{id}." />
      <TextFilter {...field("code")} hint="As in VALIDATION_FAILED." />
      <SelectFilter {...field("keyId")} options={keys.map(({ id, name }) => [id, name] as const)} />
      <TextFilter {...field("idempotencyKey")} hint="The whole key." />
      <SelectFilter {...field("replayed")} options={replays} />
      <TimeFilter {...field("from")} />
      <TimeFilter {...field("to")} />
    </FilterBar>
  );
}
