import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { get } from "./api/client.ts";
import { Problem } from "./api/problem.ts";
import { currentSession, setSession, type NeededScope, type SessionView } from "./api/session.ts";
import { readSearch } from "./screens/playground/search.ts";
import { Crash } from "./shell/Crash.tsx";
import { NotFound } from "./shell/NotFound.tsx";
import { Root } from "./shell/Root.tsx";
import { Shell } from "./shell/Shell.tsx";
import { searchOfRuns } from "./screens/runs/search.ts";
import { texts } from "./paths.ts";
import type { IconName } from "./ui/Icon.tsx";

/** Every screen there is. A screen adds its route here, and its name to the list at the end. */

interface Context {
  readonly queries: QueryClient;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
  interface StaticDataRouteOption {
    /** In the title of the window, in the navigation and in the palette. */
    readonly title: string;
    /** With an icon it stands in the navigation, where paths.ts has its path. */
    readonly icon?: IconName;
    /** Pressed after G it leads here. */
    readonly key?: string;
    /** What everything on it needs; without it the line is there, and says why it cannot be used. */
    readonly needs?: NeededScope;
    /** What an id in its path is: a UUID pasted into the palette is looked up there. */
    readonly opens?: string;
  }
}

const root = createRootRouteWithContext<Context>()({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: Crash,
  staticData: { title: "ZeroRace" },
});

/** Whoever has not signed in goes there first, and comes back. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Shell,
  notFoundComponent: NotFound,
  staticData: { title: "ZeroRace" },
  async beforeLoad({ location }) {
    if (currentSession()) return;
    try {
      setSession(await get<SessionView>("/v1/session", { isWayIn: true }));
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      throw redirect({
        to: "/sign-in",
        search: location.href === "/" ? {} : { to: location.href },
      });
    }
  },
});

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  component: lazyRouteComponent(() => import("./screens/overview/Overview.tsx"), "Overview"),
  staticData: { title: "Overview", icon: "overview", key: "o" },
});

const runs = createRoute({
  getParentRoute: () => signedIn,
  path: "/runs",
  validateSearch: searchOfRuns,
  component: lazyRouteComponent(() => import("./screens/runs/Runs.tsx"), "Runs"),
  staticData: { title: "Mission Control", icon: "runs", key: "r", needs: "runs:read" },
});

const run = createRoute({
  getParentRoute: () => signedIn,
  path: "/runs/$id",
  component: lazyRouteComponent(() => import("./screens/runs/Run.tsx"), "Run"),
  staticData: { title: "Run", opens: "run" },
});

const merchants = createRoute({
  getParentRoute: () => signedIn,
  path: "/merchants",
  validateSearch: texts("cursor", "make"),
  component: lazyRouteComponent(() => import("./screens/merchants/Merchants.tsx"), "Merchants"),
  staticData: { title: "Merchants", icon: "merchants", needs: "merchants:read" },
});

const merchant = createRoute({
  getParentRoute: () => signedIn,
  path: "/merchants/$id",
  component: lazyRouteComponent(() => import("./screens/merchants/Merchant.tsx"), "Merchant"),
  staticData: { title: "Merchant", needs: "merchants:read", opens: "merchant" },
});

const items = createRoute({
  getParentRoute: () => signedIn,
  path: "/items",
  validateSearch: texts("merchantId", "state", "cursor", "make"),
  component: lazyRouteComponent(() => import("./screens/items/Items.tsx"), "Items"),
  staticData: { title: "Items and inventory", icon: "items", key: "i", needs: "items:read" },
});

const item = createRoute({
  getParentRoute: () => signedIn,
  path: "/items/$id",
  validateSearch: texts("act", "tab", "cursor"),
  component: lazyRouteComponent(() => import("./screens/items/Item.tsx"), "Item"),
  staticData: { title: "Item", needs: "items:read", opens: "item" },
});

const mandates = createRoute({
  getParentRoute: () => signedIn,
  path: "/mandates",
  validateSearch: texts("state", "cursor", "make"),
  component: lazyRouteComponent(() => import("./screens/mandates/Mandates.tsx"), "Mandates"),
  staticData: { title: "Mandates and budgets", icon: "mandates", key: "m", needs: "mandates:read" },
});

const mandate = createRoute({
  getParentRoute: () => signedIn,
  path: "/mandates/$id",
  validateSearch: (search: Record<string, unknown>) => ({
    ...texts("act", "item", "agent")(search),
    ...(typeof search.quantity === "number" && { quantity: search.quantity }),
  }),
  component: lazyRouteComponent(() => import("./screens/mandates/Mandate.tsx"), "Mandate"),
  staticData: { title: "Mandate", needs: "mandates:read", opens: "mandate" },
});

/** Inside the frame, from where one finds the way. */
const notFound = createRoute({
  getParentRoute: () => signedIn,
  path: "$",
  component: NotFound,
  staticData: { title: "Not found" },
});

const playground = createRoute({
  getParentRoute: () => signedIn,
  path: "/playground",
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import("./screens/playground/Playground.tsx"), "Playground"),
  staticData: { title: "Playground", icon: "playground", key: "p", needs: "purchases:read" },
});

const entrance = createRoute({
  getParentRoute: () => root,
  id: "entrance",
  component: lazyRouteComponent(() => import("./screens/entrance/Entrance.tsx"), "Entrance"),
  staticData: { title: "ZeroRace" },
});

const claim = createRoute({
  getParentRoute: () => entrance,
  path: "/claim",
  component: lazyRouteComponent(() => import("./screens/entrance/Claim.tsx"), "Claim"),
  staticData: { title: "Claim this instance" },
});

const signIn = createRoute({
  getParentRoute: () => entrance,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    typeof search.to === "string" ? { to: search.to } : {},
  component: lazyRouteComponent(() => import("./screens/entrance/SignIn.tsx"), "SignIn"),
  staticData: { title: "Sign in" },
});

const signUp = createRoute({
  getParentRoute: () => entrance,
  path: "/sign-up",
  component: lazyRouteComponent(() => import("./screens/entrance/SignUp.tsx"), "SignUp"),
  staticData: { title: "Make an account" },
});

const join = createRoute({
  getParentRoute: () => entrance,
  path: "/join",
  component: lazyRouteComponent(() => import("./screens/entrance/SignUp.tsx"), "Join"),
  staticData: { title: "Accept the invitation" },
});

const recover = createRoute({
  getParentRoute: () => entrance,
  path: "/recover",
  component: lazyRouteComponent(() => import("./screens/entrance/Recover.tsx"), "Recover"),
  staticData: { title: "Set a new password" },
});

const tree = root.addChildren([
  signedIn.addChildren([
    overview,
    runs,
    run,
    merchants,
    merchant,
    items,
    item,
    mandates,
    mandate,
    playground,
    notFound,
  ]),
  entrance.addChildren([claim, signIn, signUp, join, recover]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: "intent",
    // What is fresh is the cache of queries' to say.
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: Crash,
    scrollRestoration: true,
  });
}
