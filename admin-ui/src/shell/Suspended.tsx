import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get } from "../api/client.ts";
import { setSession, useSession, type SessionView } from "../api/session.ts";
import { Button } from "../ui/Button.tsx";
import { Time } from "../ui/Figures.tsx";
import { Icon } from "../ui/Icon.tsx";
import { ProblemNote } from "../ui/ProblemNote.tsx";
import { say } from "../ui/say.ts";
import { useSignOut } from "./use-sign-out.ts";

type Suspension = NonNullable<SessionView["organisation"]["suspension"]>;

/** In the place of every screen: what happened, what it means, and what can be done. */
export function Suspended({ suspension }: { readonly suspension: Suspension }) {
  const { organisation, person } = useSession();
  const signOut = useSignOut();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const session = await get<SessionView>("/v1/session");
      if (session.organisation.suspension) say("It is still suspended.");
      // What was read before was refused.
      else queries.clear();
      setSession(session);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main id="main" className="grid min-h-dvh place-items-center px-4 py-10">
      <section className="flex w-full max-w-[34rem] flex-col gap-4 rounded-lg border bg-panel px-6 py-6">
        <h1 tabIndex={-1} className="flex items-start gap-2.5 text-xl font-semibold wrap-anywhere">
          <span className="mt-1 text-warn">
            <Icon name="pause" size={18} />
          </span>
          {organisation.name} is suspended
        </h1>
        <p>
          The operator of this instance suspended it <Time at={suspension.since} />, and says why:
        </p>
        <blockquote className="border-s-2 border-warn ps-3 wrap-anywhere">
          {suspension.reason}
        </blockquote>
        <ul className="flex list-disc flex-col gap-1 ps-5 text-mute">
          <li>
            Nothing is sold. Requests with its API keys are answered 403{" "}
            <a className="underline" href="/problems/ORGANISATION_SUSPENDED">
              ORGANISATION_SUSPENDED
            </a>
            .
          </li>
          <li>Holds run out as they would, and what they kept is free again.</li>
          <li>Nothing is deleted. When it is reopened, keys and sessions work again.</li>
        </ul>
        <p>Ask who runs this server. You are signed in as {person.email}.</p>
        {error !== undefined && <ProblemNote error={error} />}
        <div className="flex flex-wrap gap-2">
          <Button icon="refresh" busy={isBusy} onClick={() => void look()}>
            Look again
          </Button>
          <Button onClick={() => void signOut()}>Sign out</Button>
        </div>
      </section>
    </main>
  );
}
