import type { ActiveFilter, FilterProps } from "./FilterBar.tsx";
import { formatMoment } from "./format.ts";

type Values<Name extends string> = { readonly [name in Name]?: string | undefined };

/**
 * The filters of a list as they stand in its address: what each field needs, and those in use. `next` is
 * the whole address with one of them changed, and nothing in it that is not set.
 */
export function filtersIn<Name extends string, Whole extends Values<Name>>({
  search,
  labels,
  wordsOf,
  onSet,
}: {
  readonly search: Whole;
  /** In the order in which those in use are shown. */
  readonly labels: Readonly<Record<Name, string>>;
  /** What a value is called. Times need no words. */
  readonly wordsOf: (name: Name, value: string) => string | undefined;
  readonly onSet: (next: Whole, changed: Name) => void;
}) {
  const setOne = (name: Name, value: string | undefined): void => {
    const next = Object.entries({ ...search, [name]: value });
    onSet(Object.fromEntries(next.filter(([, one]) => one !== undefined)) as Whole, name);
  };
  const field = (name: Name): FilterProps => ({
    label: labels[name],
    value: search[name],
    onSet: (value) => setOne(name, value),
  });
  const active = (names: readonly Name[] = Object.keys(labels) as Name[]): ActiveFilter[] =>
    names.flatMap((name): ActiveFilter[] => {
      const value = search[name];
      if (value === undefined) return [];
      const words = momentOf(name, value) ?? wordsOf(name, value) ?? value;
      return [{ label: labels[name], value: words, onRemove: () => setOne(name, undefined) }];
    });
  return { field, active, setOne };
}

function momentOf(name: string, value: string): string | undefined {
  const isTime = (name === "from" || name === "to") && !Number.isNaN(Date.parse(value));
  return isTime ? formatMoment(value, Date.now()) : undefined;
}
