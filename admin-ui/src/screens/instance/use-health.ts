import { useQuery } from "@tanstack/react-query";
import type { HealthView } from "../../../../server/instance/wire.ts";
import { get } from "../../api/client.ts";

/** Of the server no stream tells: it is asked, while somebody looks. */
const everyMs = 2_000;

export function useHealth() {
  return useQuery({
    queryKey: ["instance", "health"],
    queryFn: ({ signal }) => get<HealthView>("/v1/instance/health", { signal }),
    refetchInterval: everyMs,
    // What was seen stays; that it could not be seen again is said beside it.
    retry: false,
  });
}

export const runbookOf = (id: string): string => `/docs/runbooks/${id}`;
