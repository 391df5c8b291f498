import { useSyncExternalStore } from "react";
import type { NeededScope, SessionView } from "../../../server/auth/wire.ts";
import { currentMode } from "./mode.ts";

export type { NeededScope, SessionView };

/** Who has signed in, as far as this page knows; the server decides by the cookie alone. */
let session: SessionView | undefined;
const listeners = new Set<() => void>();

export function currentSession(): SessionView | undefined {
  return session;
}

export function setSession(next: SessionView | undefined): void {
  session = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSessionIfAny(): SessionView | undefined {
  return useSyncExternalStore(subscribe, currentSession);
}

/** On every screen behind the sign-in. */
export function useSession(): SessionView {
  const known = useSessionIfAny();
  if (!known) throw new Error("This screen stands behind the sign-in.");
  return known;
}

/** The tenant that requests are about, for the header ZeroRace-Tenant. */
export function currentTenant(): string | undefined {
  return session?.tenants[currentMode()];
}

/** Why whoever has signed in may not; undefined: may. For `disabledReason`. */
export function useReasonAgainst(scope: NeededScope): string | undefined {
  return reasonAgainst(useSession(), scope);
}

const listOf = (words: readonly string[]): string =>
  new Intl.ListFormat("en", { type: "disjunction" }).format(words);

export function reasonAgainst(known: SessionView, scope: NeededScope): string | undefined {
  if (known.scopes.includes(scope)) return undefined;
  const what = scope.endsWith(":read") ? "see this" : "do this";
  if (scope.startsWith("instance:")) return `Only the operator of this instance may ${what}.`;
  const may = listOf(known.rolesWith[scope] ?? []);
  return `Your role, ${known.role}, may not ${what}. It takes the role ${may}. An owner of ${known.organisation.name} can change your role.`;
}
