import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

function show(title: string): void {
  document.title = title === "ZeroRace" ? title : `${title} · ZeroRace`;
}

/** For a screen whose title is known only with its content: "Run 42". */
export function usePageTitle(title: string | undefined): void {
  const router = useRouter();
  useEffect(() => {
    if (title === undefined) return undefined;
    show(title);
    // Content that was there already is shown before the route has said its own title.
    return router.subscribe("onResolved", () => show(title));
  }, [router, title]);
}

/**
 * A new screen: the window gets its title, and the focus goes to its heading, from where a keyboard goes on
 * and which a screen reader reads. Not at the first screen: there the browser begins at the top by itself.
 */
export function useRouteFocus(): void {
  const router = useRouter();
  useEffect(() => {
    const title = (): void => show(router.state.matches.at(-1)?.staticData.title ?? "ZeroRace");
    title();
    return router.subscribe("onResolved", ({ pathChanged, fromLocation }) => {
      if (!pathChanged) return;
      title();
      if (!fromLocation) return;
      requestAnimationFrame(() => {
        const inDialog = document.querySelector("dialog[open]");
        if (!inDialog) document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
      });
    });
  }, [router]);
}
