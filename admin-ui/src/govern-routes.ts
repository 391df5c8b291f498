import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { signedIn } from "./frame-routes.ts";
import { readSearch as readAuditSearch } from "./screens/audit/list.ts";
import { textsIn } from "./search.ts";

/** People, settings, the server itself. */

const team = createRoute({
  getParentRoute: () => signedIn,
  path: "/team",
  validateSearch: textsIn("tab", "make"),
  component: lazyRouteComponent(() => import("./screens/team/Team.tsx"), "Team"),
  staticData: { title: "Team and roles", icon: "team", key: "t", needs: "people:read" },
});

const member = createRoute({
  getParentRoute: () => signedIn,
  path: "/team/$id",
  component: lazyRouteComponent(() => import("./screens/team/Member.tsx"), "Member"),
  staticData: { title: "Person", needs: "people:read", opens: "person" },
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: "/account",
  component: lazyRouteComponent(() => import("./screens/account/Account.tsx"), "Account"),
  staticData: { title: "Your account" },
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: "/settings",
  component: lazyRouteComponent(() => import("./screens/settings/Settings.tsx"), "Settings"),
  staticData: { title: "Settings", icon: "settings", key: "s" },
});

const instance = createRoute({
  getParentRoute: () => signedIn,
  path: "/instance",
  validateSearch: textsIn("tab", "cursor"),
  component: lazyRouteComponent(() => import("./screens/instance/Instance.tsx"), "Instance"),
  staticData: { title: "Instance", icon: "instance", key: "h", needs: "instance:read" },
});

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: "/audit",
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("./screens/audit/Audit.tsx"), "Audit"),
  staticData: { title: "Audit log", icon: "audit", key: "a", needs: "audit:read" },
});

const auditEntry = createRoute({
  getParentRoute: () => signedIn,
  path: "/audit/$seq",
  component: lazyRouteComponent(() => import("./screens/audit/Entry.tsx"), "Entry"),
  staticData: { title: "Entry of the audit log", needs: "audit:read" },
});

const instanceAudit = createRoute({
  getParentRoute: () => signedIn,
  path: "/audit/instance",
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("./screens/audit/Audit.tsx"), "InstanceAudit"),
  staticData: { title: "Audit log of this instance", needs: "instance:read" },
});

const instanceEntry = createRoute({
  getParentRoute: () => signedIn,
  path: "/audit/instance/$seq",
  component: lazyRouteComponent(() => import("./screens/audit/Entry.tsx"), "InstanceEntry"),
  staticData: { title: "Entry of the instance's audit log", needs: "instance:read" },
});

export const governRoutes = [
  team,
  member,
  account,
  settings,
  instance,
  audit,
  auditEntry,
  instanceAudit,
  instanceEntry,
] as const;
