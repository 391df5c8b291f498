import type { EntryView } from "../../../../server/audit/wire.ts";
import type { ListOf } from "../../api/use-pages.ts";
import { textsIn, type Search } from "../../search.ts";

export const filterNames = ["action", "actorId", "objectKind", "objectId", "from", "to"] as const;
export type FilterName = (typeof filterNames)[number];
export type AuditSearch = Search<FilterName>;

export const readSearch = textsIn(...filterNames);

/** Whose log: the tenant's that is looked at, or that of the installation as a whole. */
export interface Log {
  /** Of the API. */
  readonly path: string;
  /** Of the screens. */
  readonly href: string;
}

export const ownLog: Log = { path: "/v1/audit", href: "/audit" };
export const instanceLog: Log = { path: "/v1/instance/audit", href: "/audit/instance" };

export function listOf({ path }: Log, search: AuditSearch): ListOf<EntryView> {
  return { path: `${path}/entries`, query: { ...search }, rowKey: ({ seq }) => String(seq) };
}
