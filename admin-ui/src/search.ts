/** What stands after the question mark, by name: texts alone, and those that are named. */
export type Search<Name extends string> = { readonly [name in Name]?: string | undefined };

/** For `validateSearch`. A number in the address is a text too, and so is true: keys and agents may look like one. */
export function textsIn<Name extends string>(...names: readonly Name[]) {
  return (search: Record<string, unknown>): Search<Name> => {
    const found = names.flatMap((name): [string, string][] => {
      const value = search[name];
      const isPlain = typeof value === "number" || typeof value === "boolean";
      const isGiven = typeof value === "string" ? value !== "" : isPlain;
      return isGiven ? [[name, String(value)]] : [];
    });
    return Object.fromEntries(found) as Search<Name>;
  };
}
