import { useRouter } from "@tanstack/react-router";
import { reasonAgainst, useSession } from "../api/session.ts";
import { navigation } from "../paths.ts";
import type { IconName } from "../ui/Icon.tsx";

export interface ScreenLink {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  readonly key: string | undefined;
  /** Why whoever has signed in cannot use it. */
  readonly reason: string | undefined;
}

export interface ScreenGroup {
  readonly group: string | undefined;
  readonly links: readonly ScreenLink[];
}

interface Known {
  readonly options: {
    readonly staticData?: {
      readonly title: string;
      readonly icon?: IconName;
      readonly key?: string;
      readonly needs?: Parameters<typeof reasonAgainst>[1];
      readonly opens?: string;
    };
  };
}

/** The screens that there are, in the order of the navigation. */
export function useScreens(): readonly ScreenGroup[] {
  const routes = useRouter().routesByPath as unknown as Readonly<Record<string, Known>>;
  const session = useSession();
  const groups = navigation.map(({ group, paths }) => ({
    group,
    links: paths.flatMap((path): ScreenLink[] => {
      const data = routes[path]?.options.staticData;
      if (!data?.icon) return [];
      const { title, icon, key, needs } = data;
      const reason = needs === undefined ? undefined : reasonAgainst(session, needs);
      return [{ path, title, icon, key, reason }];
    }),
  }));
  return groups.filter(({ links }) => links.length > 0);
}

/** Where an id leads: `/purchases/$id` opens a purchase. */
export function usePlacesOfIds(): readonly { readonly opens: string; readonly path: string }[] {
  const routes = useRouter().routesByPath as unknown as Readonly<Record<string, Known>>;
  return Object.entries(routes).flatMap(([path, { options }]) => {
    const opens = options.staticData?.opens;
    return opens === undefined ? [] : [{ opens, path }];
  });
}
