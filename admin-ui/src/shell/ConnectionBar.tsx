import { liveStream } from "../live/stream.ts";
import { useLiveState } from "../live/use-live.ts";
import { Button } from "../ui/Button.tsx";
import { Time, useNow } from "../ui/Figures.tsx";
import { Icon } from "../ui/Icon.tsx";

/** Over every screen while what is shown cannot follow the books. */
export function ConnectionBar() {
  const state = useLiveState();
  if (state !== "offline" && state !== "stale") return null;
  const isOffline = state === "offline";
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-bad/50 bg-panel px-4 py-1.5"
    >
      <span className="text-bad">
        <Icon name="alert" />
      </span>
      <p className="min-w-0 flex-1">
        <strong className="font-medium">
          {isOffline ? "You are offline." : "The server does not answer."}
        </strong>{" "}
        What is shown is as of <Time at={new Date(liveStream.heardAt).toISOString()} />.{" "}
        {isOffline ? "It goes on when the network is back." : <NextTry />}
      </p>
      {!isOffline && (
        <Button size="small" icon="refresh" onClick={() => liveStream.tryNow()}>
          Try now
        </Button>
      )}
    </div>
  );
}

/** Not spoken at each step: the bar is a status, and this would never be still. */
function NextTry() {
  useNow(1_000);
  const seconds = Math.max(0, Math.ceil((liveStream.nextTryAt - Date.now()) / 1_000));
  return (
    <span aria-live="off">{seconds > 0 ? `Next try in ${seconds} s.` : "Trying again now."}</span>
  );
}
