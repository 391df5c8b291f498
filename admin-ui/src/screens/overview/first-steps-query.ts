import { queryOptions } from "@tanstack/react-query";
import type { FirstStepsView } from "../../../../server/overview/wire.ts";
import { get } from "../../api/client.ts";

/** How the screen is laid out depends on it: it is read before the screen is shown, so that nothing moves. */
export const firstSteps = queryOptions({
  queryKey: ["first-steps"],
  queryFn: ({ signal }) => get<FirstStepsView>("/v1/tenant/first-steps", { signal }),
});
