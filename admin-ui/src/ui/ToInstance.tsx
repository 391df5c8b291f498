import { Link } from "@tanstack/react-router";
import { useSession } from "../api/session.ts";

/** Where something is late or broken: for who runs the server, the way to what is behind it. */
export function ToInstance() {
  const { scopes } = useSession();
  if (!scopes.includes("instance:read")) return null;
  return (
    <Link
      to="/instance"
      className="inline-flex min-h-6 items-center self-start text-accent underline"
    >
      See how the whole server does
    </Link>
  );
}
