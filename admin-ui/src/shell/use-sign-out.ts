import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { del } from "../api/client.ts";
import { asProblem } from "../api/problem.ts";
import { setSession } from "../api/session.ts";
import { note } from "../ui/say.ts";

/** Back to the sign-in, and nothing of what was shown stays. */
export function useSignOut(): () => Promise<void> {
  const router = useRouter();
  const queries = useQueryClient();
  return async () => {
    try {
      await del("/v1/session", { isWayIn: true });
    } catch (error) {
      const problem = asProblem(error);
      // Who has no session any more is out already.
      if (problem.status !== 401) {
        note(`You are still signed in: ${problem.message}`);
        return;
      }
    }
    await router.navigate({ to: "/sign-in" });
    setSession(undefined);
    queries.clear();
  };
}
