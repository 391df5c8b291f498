import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedIn } from "./frame-routes.ts";
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

export const developerRoutes = [webhooks, newWebhook, webhook, delivery] as const;
