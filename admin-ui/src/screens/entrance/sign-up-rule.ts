import { queryOptions } from "@tanstack/react-query";
import type { EntranceView } from "../../../../server/entrance/wire.ts";
import { get } from "../../api/client.ts";

/** Who may make an account here, as the server has it. */
export const signUpRule = queryOptions({
  queryKey: ["entrance"],
  queryFn: ({ signal }) => get<EntranceView>("/v1/entrance", { isWayIn: true, signal }),
  retry: false,
  staleTime: 60_000,
});
