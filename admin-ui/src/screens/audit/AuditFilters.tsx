import { useQuery } from "@tanstack/react-query";
import type { KeyView } from "../../../../server/keys/wire.ts";
import type { PersonView } from "../../../../server/people/wire.ts";
import { get } from "../../api/client.ts";
import { reasonAgainst, useSession } from "../../api/session.ts";
import { FilterBar, SelectFilter, TextFilter, TimeFilter } from "../../ui/FilterBar.tsx";
import { filtersIn } from "../../ui/filters.ts";
import { type AuditSearch, type FilterName } from "./list.ts";
import { actions, actionWords, kinds, kindWords } from "./words.ts";

const labels: Readonly<Record<FilterName, string>> = {
  action: "Action",
  actorId: "Who",
  objectKind: "Kind of thing",
  objectId: "Thing",
  from: "From",
  to: "Before",
};

/** Who may have acted: the people of the organisation and its newest keys. An address may name any. */
function useActors(): readonly (readonly [id: string, name: string])[] {
  const session = useSession();
  const { data: people } = useQuery({
    queryKey: ["people"],
    queryFn: ({ signal }) => get<{ data: PersonView[] }>("/v1/people", { signal }),
    enabled: reasonAgainst(session, "people:read") === undefined,
    staleTime: 60_000,
  });
  const { data: keys } = useQuery({
    queryKey: ["keys", "named"],
    queryFn: ({ signal }) =>
      get<{ data: KeyView[] }>("/v1/keys", { query: { limit: 100 }, signal }),
    enabled: reasonAgainst(session, "keys:read") === undefined,
    staleTime: 60_000,
  });
  return [
    ...(people?.data ?? []).map(({ id, name }) => [id, name] as const),
    ...(keys?.data ?? []).map(({ id, name }) => [id, `Key ${name}`] as const),
  ];
}

export function AuditFilters({
  search,
  onSet,
}: {
  readonly search: AuditSearch;
  readonly onSet: (next: AuditSearch) => void;
}) {
  const actors = useActors();
  const { field, active } = filtersIn({
    search,
    labels,
    wordsOf: (name, value) => {
      if (name === "action") return actionWords(value);
      if (name === "objectKind") return kindWords(value);
      return actors.find(([id]) => id === value)?.[1];
    },
    onSet,
  });
  return (
    <FilterBar active={active()} onClear={() => onSet({})}>
      <SelectFilter {...field("action")} options={Object.entries(actions)} />
      <SelectFilter {...field("actorId")} options={actors} any="Anybody" />
      <SelectFilter {...field("objectKind")} options={Object.entries(kinds)} />
      <TextFilter {...field("objectId")} hint="Its whole id." />
      <TimeFilter {...field("from")} />
      <TimeFilter {...field("to")} />
    </FilterBar>
  );
}
