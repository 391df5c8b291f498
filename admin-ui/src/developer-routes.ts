import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedIn } from "./frame-routes.ts";
import { readRequestSearch } from "./screens/requests/search.ts";
import { readWebhookSearch } from "./screens/webhooks/search.ts";
import { textsIn } from "./search.ts";

/** What whoever builds against the API looks at. */

const webhooks = createRoute({
  getParentRoute: () => signedIn,
  path: "/webhooks",
  validateSearch: textsIn("cursor"),
  component: lazyRouteComponent(() => import("./screens/webhooks/Webhooks.tsx"), "Webhooks"),
  staticData: { title: "Webhooks", icon: "webhooks", key: "w", needs: "webhooks:read" },
});

const newWebhook = createRoute({
  getParentRoute: () => signedIn,
  path: "/webhooks/new",
  component: lazyRouteComponent(() => import("./screens/webhooks/NewWebhook.tsx"), "NewWebhook"),
  staticData: { title: "Add a webhook" },
});

const webhook = createRoute({
  getParentRoute: () => signedIn,
  path: "/webhooks/$id",
  validateSearch: readWebhookSearch,
  component: lazyRouteComponent(() => import("./screens/webhooks/Webhook.tsx"), "Webhook"),
  staticData: { title: "Webhook", needs: "webhooks:read", opens: "webhook" },
});

const delivery = createRoute({
  getParentRoute: () => signedIn,
  path: "/webhooks/deliveries/$id",
  validateSearch: textsIn("attempt", "show"),
  component: lazyRouteComponent(() => import("./screens/webhooks/Delivery.tsx"), "Delivery"),
  staticData: { title: "Delivery", needs: "webhooks:read", opens: "delivery" },
});

const requests = createRoute({
  getParentRoute: () => signedIn,
  path: "/requests",
  validateSearch: readRequestSearch,
  component: lazyRouteComponent(() => import("./screens/requests/Requests.tsx"), "Requests"),
  staticData: { title: "Request log", icon: "requests", key: "q", needs: "requests:read" },
});

const request = createRoute({
  getParentRoute: () => signedIn,
  path: "/requests/$id",
  component: lazyRouteComponent(() => import("./screens/requests/Request.tsx"), "RequestPage"),
  staticData: { title: "Request", needs: "requests:read", opens: "request" },
});

export const developerRoutes = [
  webhooks,
  newWebhook,
  webhook,
  delivery,
  requests,
  request,
] as const;
