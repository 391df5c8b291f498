import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, redirect } from "@tanstack/react-router";
import { get } from "./api/client.ts";
import { Problem } from "./api/problem.ts";
import { currentSession, setSession, type NeededScope, type SessionView } from "./api/session.ts";
import { Crash } from "./shell/Crash.tsx";
import { NotFound } from "./shell/NotFound.tsx";
import { Root } from "./shell/Root.tsx";
import { Shell } from "./shell/Shell.tsx";
import type { IconName } from "./ui/Icon.tsx";

/** What the screens stand in, and what every route says of itself. */

interface Context {
  readonly queries: QueryClient;
}

declare module "@tanstack/react-router" {
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

export const root = createRootRouteWithContext<Context>()({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: Crash,
  staticData: { title: "ZeroRace" },
});

/** Whoever has not signed in goes there first, and comes back. */
export const signedIn = createRoute({
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
