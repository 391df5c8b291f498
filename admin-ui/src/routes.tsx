import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { readSearch } from "./screens/playground/search.ts";
import { readSearch as readLedgerSearch } from "./screens/ledger/list.ts";
import {
  firstPage as firstPurchases,
  readSearch as readPurchaseSearch,
} from "./screens/purchases/list.ts";
import { textsIn } from "./search.ts";
import { root, signedIn } from "./frame-routes.ts";
import { agentRoutes } from "./agent-routes.ts";
import { developerRoutes } from "./developer-routes.ts";
import { governRoutes } from "./govern-routes.ts";
import { Crash } from "./shell/Crash.tsx";
import { NotFound } from "./shell/NotFound.tsx";
import { signUpRule } from "./screens/entrance/sign-up-rule.ts";
import { firstSteps } from "./screens/overview/first-steps-query.ts";
import { searchOfRuns } from "./screens/runs/search.ts";

/** Every screen there is. A screen adds its route here, and its name to the list at the end. */

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  loader: async ({ context }) => {
    await context.queries.ensureQueryData(firstSteps).catch(() => undefined);
  },
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
  validateSearch: textsIn("cursor", "make"),
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
  validateSearch: textsIn("merchantId", "state", "cursor", "make"),
  component: lazyRouteComponent(() => import("./screens/items/Items.tsx"), "Items"),
  staticData: { title: "Items and inventory", icon: "items", key: "i", needs: "items:read" },
});

const itemImports = createRoute({
  getParentRoute: () => signedIn,
  path: "/items/import",
  validateSearch: textsIn("cursor"),
  component: lazyRouteComponent(() => import("./screens/imports/Imports.tsx"), "ItemImports"),
  staticData: { title: "Import items", needs: "imports:read" },
});

const mandateImports = createRoute({
  getParentRoute: () => signedIn,
  path: "/mandates/import",
  validateSearch: textsIn("cursor"),
  component: lazyRouteComponent(() => import("./screens/imports/Imports.tsx"), "MandateImports"),
  staticData: { title: "Import mandates", needs: "imports:read" },
});

const oneImport = createRoute({
  getParentRoute: () => signedIn,
  path: "/imports/$id",
  component: lazyRouteComponent(() => import("./screens/imports/Import.tsx"), "Import"),
  staticData: { title: "Import", opens: "import", needs: "imports:read" },
});

const item = createRoute({
  getParentRoute: () => signedIn,
  path: "/items/$id",
  validateSearch: textsIn("act", "tab", "cursor"),
  component: lazyRouteComponent(() => import("./screens/items/Item.tsx"), "Item"),
  staticData: { title: "Item", needs: "items:read", opens: "item" },
});

const mandates = createRoute({
  getParentRoute: () => signedIn,
  path: "/mandates",
  validateSearch: textsIn("state", "cursor", "make"),
  component: lazyRouteComponent(() => import("./screens/mandates/Mandates.tsx"), "Mandates"),
  staticData: { title: "Mandates and budgets", icon: "mandates", key: "m", needs: "mandates:read" },
});

const mandate = createRoute({
  getParentRoute: () => signedIn,
  path: "/mandates/$id",
  validateSearch: (search: Record<string, unknown>) => ({
    ...textsIn("act", "item", "agent")(search),
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
  staticData: { title: "Playground", icon: "playground", key: "y", needs: "purchases:read" },
});

const purchases = createRoute({
  getParentRoute: () => signedIn,
  path: "/purchases",
  validateSearch: readPurchaseSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => {
    void context.queries.prefetchInfiniteQuery(firstPurchases(deps));
  },
  component: lazyRouteComponent(() => import("./screens/purchases/Purchases.tsx"), "Purchases"),
  staticData: { title: "Purchases", icon: "purchases", key: "p", needs: "purchases:read" },
});

const purchase = createRoute({
  getParentRoute: () => signedIn,
  path: "/purchases/$id",
  validateSearch: textsIn("show"),
  component: lazyRouteComponent(() => import("./screens/purchases/Purchase.tsx"), "Purchase"),
  staticData: { title: "Purchase", opens: "purchase", needs: "purchases:read" },
});

const ledger = createRoute({
  getParentRoute: () => signedIn,
  path: "/ledger",
  validateSearch: readLedgerSearch,
  component: lazyRouteComponent(() => import("./screens/ledger/Ledger.tsx"), "Ledger"),
  staticData: { title: "Ledger", icon: "ledger", key: "l", needs: "ledger:read" },
});

const ledgerAccount = createRoute({
  getParentRoute: () => signedIn,
  path: "/ledger/accounts/$account",
  validateSearch: readLedgerSearch,
  component: lazyRouteComponent(() => import("./screens/ledger/Account.tsx"), "Account"),
  staticData: { title: "Account", needs: "ledger:read" },
});

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: "/keys",
  validateSearch: textsIn("cursor"),
  component: lazyRouteComponent(() => import("./screens/keys/Keys.tsx"), "Keys"),
  staticData: { title: "API keys", icon: "keys", key: "k", needs: "keys:read" },
});

const newKey = createRoute({
  getParentRoute: () => signedIn,
  path: "/keys/new",
  validateSearch: textsIn("for"),
  component: lazyRouteComponent(() => import("./screens/keys/NewKey.tsx"), "NewKey"),
  staticData: { title: "Create an API key" },
});

const oneKey = createRoute({
  getParentRoute: () => signedIn,
  path: "/keys/$id",
  component: lazyRouteComponent(() => import("./screens/keys/Key.tsx"), "Key"),
  staticData: { title: "API key" },
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

/** Before the page, so that nothing on it moves; without an answer it is shown all the same. */
const readSignUpRule = async ({
  context,
}: {
  context: { queries: QueryClient };
}): Promise<void> => {
  await context.queries.ensureQueryData(signUpRule).catch(() => undefined);
};

const signIn = createRoute({
  getParentRoute: () => entrance,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    typeof search.to === "string" ? { to: search.to } : {},
  loader: readSignUpRule,
  component: lazyRouteComponent(() => import("./screens/entrance/SignIn.tsx"), "SignIn"),
  staticData: { title: "Sign in" },
});

const signUp = createRoute({
  getParentRoute: () => entrance,
  path: "/sign-up",
  loader: readSignUpRule,
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
    itemImports,
    item,
    mandates,
    mandateImports,
    mandate,
    oneImport,
    purchases,
    purchase,
    ledger,
    ledgerAccount,
    playground,
    keys,
    newKey,
    oneKey,
    ...agentRoutes,
    ...governRoutes,
    ...developerRoutes,
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
