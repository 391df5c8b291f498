import { useQuery } from "@tanstack/react-query";
import type { KeyView } from "../../../../server/keys/wire.ts";
import type { PersonView } from "../../../../server/people/wire.ts";
import { get } from "../../api/client.ts";
import { reasonAgainst, useSession } from "../../api/session.ts";
import {
  FilterBar,
  SelectFilter,
  TextFilter,
  TimeFilter,
  type ActiveFilter,
} from "../../ui/FilterBar.tsx";
import { formatMoment } from "../../ui/format.ts";
import { filterNames, type AuditSearch, type FilterName } from "./list.ts";
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
  const setOne = (name: FilterName, value: string | undefined): void => {
    const next = Object.entries({ ...search, [name]: value });
    onSet(Object.fromEntries(next.filter((one) => one[1] !== undefined)));
  };
  const field = (name: FilterName) => ({
    label: labels[name],
    value: search[name],
    onSet: (value: string | undefined) => setOne(name, value),
  });
  const wordsOf = (name: FilterName, value: string): string => {
    if (name === "action") return actionWords(value);
    if (name === "objectKind") return kindWords(value);
    if ((name === "from" || name === "to") && !Number.isNaN(Date.parse(value))) {
      return formatMoment(value, Date.now());
    }
    return actors.find(([id]) => id === value)?.[1] ?? value;
  };
  const active = filterNames.flatMap((name): ActiveFilter[] => {
    const value = search[name];
    if (value === undefined) return [];
    const onRemove = (): void => setOne(name, undefined);
    return [{ label: labels[name], value: wordsOf(name, value), onRemove }];
  });
  return (
    <FilterBar active={active} onClear={() => onSet({})}>
      <SelectFilter {...field("action")} options={Object.entries(actions)} />
      <SelectFilter {...field("actorId")} options={actors} any="Anybody" />
      <SelectFilter {...field("objectKind")} options={Object.entries(kinds)} />
      <TextFilter {...field("objectId")} hint="Its whole id." />
      <TimeFilter {...field("from")} />
      <TimeFilter {...field("to")} />
    </FilterBar>
  );
}
