import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { WholeDeliveryView } from "../../../../server/webhooks/wire.ts";
import { get } from "../../api/client.ts";
import { IconButton } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { useNow } from "../../ui/Figures.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { standingOf, verdictOf } from "./words.ts";

/** A worker makes an attempt within seconds; where none runs, somebody should be told. */
const patienceMs = 15_000;

/** What came of a test, as soon as it is known. It stays until it is closed, and in the address. */
export function TestResult({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { data, error } = useQuery({
    queryKey: ["webhooks", "delivery", id],
    queryFn: ({ signal }) => get<WholeDeliveryView>(`/v1/webhook-deliveries/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data?.log.length === 0 ? 1_000 : false),
  });
  const now = useNow();
  if (error) return <ProblemNote error={error} />;
  const isTried = data !== undefined && data.log.length > 0;
  const isGood = data !== undefined && standingOf(data) === "delivered";
  const isLate = data !== undefined && now - new Date(data.createdAt).getTime() > patienceMs;
  return (
    <div
      role="status"
      className={classNames(
        "flex items-center gap-2.5 rounded-lg border py-1.5 ps-4 pe-2",
        !isTried ? "bg-panel" : isGood ? "border-ok/50 bg-ok/8" : "border-bad/50 bg-bad/8",
      )}
    >
      <span className={!isTried ? "text-mute" : isGood ? "text-ok" : "text-bad"}>
        <Icon name={!isTried ? "play" : isGood ? "check" : "alert"} />
      </span>
      <p className="min-w-0 flex-1 wrap-anywhere">
        <b>The test:</b>{" "}
        {isTried ? (
          <>
            {verdictOf(data, now)}{" "}
            <Link to="/webhooks/deliveries/$id" params={{ id }} className="text-accent underline">
              Request and answer
            </Link>
          </>
        ) : isLate ? (
          "nobody has tried to send it yet. Does a worker run (zerorace worker)?"
        ) : (
          "on its way."
        )}
      </p>
      <IconButton label="Close this note" icon="close" size="small" onClick={onClose} />
    </div>
  );
}
