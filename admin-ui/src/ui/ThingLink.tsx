import { Link, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** Whether there is a screen at this path, as routes have it: `/items/$id`. */
export function useHasScreen(path: string): boolean {
  return path in (useRouter().routesByPath as object);
}

/** Leads to a thing's own screen, where there is one: `<ThingLink at="/items" id={id}>a lamp</ThingLink>`. */
export function ThingLink({
  at,
  id,
  children,
}: {
  readonly at:
    | "/items"
    | "/merchants"
    | "/mandates"
    | "/webhooks"
    | "/webhooks/deliveries"
    | "/keys"
    | "/purchases";
  readonly id: string;
  readonly children: ReactNode;
}) {
  const hasScreen = useHasScreen(`${at}/$id`);
  if (!hasScreen) return <>{children}</>;
  return (
    <Link
      to={`${at}/${id}` as "/"}
      className="underline decoration-line underline-offset-2 hover:decoration-ink"
    >
      {children}
    </Link>
  );
}
