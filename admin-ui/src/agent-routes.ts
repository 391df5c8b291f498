import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedIn } from "./frame-routes.ts";
import { readSearch as readUsageSearch } from "./screens/usage/rows.ts";
import { textsIn } from "./search.ts";

/** Who buys, and how much is asked. */

const agents = createRoute({
  getParentRoute: () => signedIn,
  path: "/agents",
  validateSearch: textsIn("state", "cursor"),
  component: lazyRouteComponent(() => import("./screens/agents/Agents.tsx"), "Agents"),
  staticData: { title: "Agents", icon: "agents", needs: "purchases:read" },
});

const agent = createRoute({
  getParentRoute: () => signedIn,
  path: "/agents/$id",
  component: lazyRouteComponent(() => import("./screens/agents/Agent.tsx"), "Agent"),
  staticData: { title: "Agent", needs: "purchases:read" },
});

const usage = createRoute({
  getParentRoute: () => signedIn,
  path: "/usage",
  validateSearch: readUsageSearch,
  component: lazyRouteComponent(() => import("./screens/usage/Usage.tsx"), "Usage"),
  staticData: { title: "Usage", icon: "usage", needs: "usage:read" },
});

export const agentRoutes = [agents, agent, usage] as const;
