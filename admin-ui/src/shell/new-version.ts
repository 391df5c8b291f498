import { useEffect, useState } from "react";
import { liveStream } from "../live/stream.ts";

/** The script that this page began with: its name changes with every build. */
function ownScript(): string | undefined {
  return (
    document.querySelector<HTMLScriptElement>("script[type=module][src]")?.getAttribute("src") ??
    undefined
  );
}

async function isOther(own: string): Promise<boolean> {
  try {
    const headers = { Accept: "text/html" };
    const response = await fetch("/", { headers, cache: "no-store", credentials: "omit" });
    if (!response.ok) return false;
    const html = await response.text();
    // A page that is no console, as a proxy shows while the server is away, says nothing of versions.
    return html.includes('id="root"') && !html.includes(`"${own}"`);
  } catch {
    return false;
  }
}

const everyMs = 60_000;

/**
 * Whether the server has another console by now. An upgrade ends its streams, so that is looked at when
 * one is open again, and when somebody comes back to the page.
 */
export function useNewVersion(): boolean {
  const [isNew, setNew] = useState(false);
  useEffect(() => {
    const own = ownScript();
    if (own === undefined || isNew) return;
    let lookedAt = 0;
    let state = liveStream.state;
    const look = async (): Promise<void> => {
      lookedAt = Date.now();
      if (await isOther(own)) setNew(true);
    };
    const stop = liveStream.watch(() => {
      const before = state;
      state = liveStream.state;
      if (state === "live" && before !== "live") void look();
    });
    const onFocus = (): void => {
      if (!document.hidden && Date.now() - lookedAt > everyMs) void look();
    };
    document.addEventListener("visibilitychange", onFocus);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", onFocus);
    };
  }, [isNew]);
  return isNew;
}
