import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isWorthRetrying } from "./api/client.ts";
import { onMode } from "./api/mode.ts";
import { liveStream } from "./live/stream.ts";
import { makeRouter } from "./routes.tsx";
import { followTheme } from "./shell/theme.ts";
import { startClock } from "./ui/Figures.tsx";
import "./styles.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: isWorthRetrying, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});
const router = makeRouter(queries);

followTheme();
startClock();
// Test and live are separate worlds: nothing of one is shown in the other, not for a moment.
onMode(() => {
  queries.clear();
  void router.invalidate();
});
// Something was missed, whatever it was.
liveStream.listen([], ({ kind }) => {
  if (kind === "gap") void queries.invalidateQueries();
});

const place = document.getElementById("root");
if (!place) throw new Error("The page has no #root.");
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
