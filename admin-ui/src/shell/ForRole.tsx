import { useMatches } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { reasonAgainst, useSession } from "../api/session.ts";
import { NotForRole } from "../ui/NotForRole.tsx";
import { Page } from "../ui/Page.tsx";

/** A screen that needs what the role has not is not asked for: it says what is needed, and who gives it. */
export function ForRole({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const data = useMatches().at(-1)?.staticData;
  const reason = data?.needs === undefined ? undefined : reasonAgainst(session, data.needs);
  if (!data || reason === undefined) return children;
  return (
    <Page title={data.title}>
      <NotForRole icon={data.icon ?? "keys"} what={data.title} reason={reason} />
    </Page>
  );
}
