/**
 * The order of the navigation. A line appears when a route has its path: what does not work yet is not
 * linked.
 */
export const navigation: readonly { readonly group?: string; readonly paths: readonly string[] }[] =
  [
    { paths: ["/", "/runs"] },
    { group: "Sell", paths: ["/drops", "/items", "/merchants"] },
    { group: "Agents", paths: ["/agents", "/mandates"] },
    { group: "Money", paths: ["/purchases", "/ledger", "/usage"] },
    { group: "Build", paths: ["/playground", "/keys", "/webhooks", "/requests"] },
    { group: "Govern", paths: ["/audit", "/team", "/settings", "/instance"] },
  ];

/** Search parameters that are texts, and no others: for `validateSearch`. */
export function texts<Name extends string>(...names: readonly Name[]) {
  return (search: Record<string, unknown>): Partial<Record<Name, string>> => {
    const given = names.flatMap((name) => {
      const value = search[name];
      const isText = typeof value === "string" || typeof value === "number";
      return isText && value !== "" ? [[name, String(value)] as const] : [];
    });
    return Object.fromEntries(given) as Partial<Record<Name, string>>;
  };
}

/** Where somebody goes who has signed in: a page of this console, never another site. */
export function safePath(wanted: string | undefined): string {
  if (wanted === undefined || !/^\/(?![/\\])/.test(wanted)) return "/";
  return /^\/(claim|join|recover|sign-in|sign-up)\b/.test(wanted) ? "/" : wanted;
}
