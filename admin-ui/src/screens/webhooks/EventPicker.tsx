import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { KindsView } from "../../../../server/webhooks/wire.ts";
import { get } from "../../api/client.ts";
import { Choice } from "../../ui/Choice.tsx";
import { CodeBlock } from "../../ui/CodeBlock.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { ErrorState, PanelSkeleton } from "../../ui/States.tsx";

type Kind = KindsView["data"][number];

const groups = [
  ["Purchases", "purchase."],
  ["Items", "item."],
  ["Mandates", "mandate."],
  ["Merchants", "merchant."],
] as const;

/** What most begin with: they are ticked at first. */
const ofPurchases = (kinds: readonly Kind[]): string[] =>
  kinds.map(({ event }) => event).filter((event) => event.startsWith("purchase."));

/** What can be heard of, each with a body as the server would send it. */
export function useKinds() {
  return useQuery({
    queryKey: ["webhook-events"],
    queryFn: ({ signal }) => get<KindsView>("/v1/webhook-events", { signal }),
    staleTime: Infinity,
  });
}

/** Null: all kinds. The body of the event that was touched last stands beside the list. */
export function EventPicker({
  chosen,
  onChoose,
  fault,
}: {
  readonly chosen: ReadonlySet<string> | null;
  readonly onChoose: (chosen: ReadonlySet<string> | null) => void;
  readonly fault: string | undefined;
}) {
  const kinds = useKinds();
  const name = useId();
  const [shown, setShown] = useState("purchase.committed");
  const faultId = useId();
  if (kinds.error && !kinds.data) {
    return <ErrorState error={kinds.error} onRetry={() => void kinds.refetch()} />;
  }
  if (!kinds.data) return <PanelSkeleton />;
  // What is sent on request cannot be picked.
  const all = kinds.data.data.filter(({ event }) => event !== "webhook.test");
  const toggle = (event: string): void => {
    const next = new Set(chosen);
    if (!next.delete(event)) next.add(event);
    setShown(event);
    onChoose(next);
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-3" aria-describedby={faultId}>
      <legend className="mb-2 font-semibold">What it hears of</legend>
      <div className="flex flex-col">
        <Choice
          radio
          name={name}
          checked={chosen === null}
          onChange={() => onChoose(null)}
          hint="Kinds that a later version adds, too."
        >
          Everything
        </Choice>
        <Choice
          radio
          name={name}
          checked={chosen !== null}
          onChange={() => onChoose(new Set(ofPurchases(all)))}
        >
          Only what is ticked
        </Choice>
      </div>
      <p id={faultId} className="flex items-center gap-1.5 text-sm text-bad empty:hidden">
        {fault !== undefined && (
          <>
            <Icon name="alert" size={14} />
            Tick at least one kind: {fault}.
          </>
        )}
      </p>
      <div className="grid items-start gap-x-6 gap-y-4 lg:grid-cols-2">
        <div className="flex flex-col gap-3">
          {chosen !== null && (
            <Ticks kinds={all} chosen={chosen} onShow={setShown} onToggle={toggle} />
          )}
          {chosen === null && <AllKinds kinds={all} />}
        </div>
        <Sample kinds={kinds.data.data} shown={shown} onShow={setShown} />
      </div>
    </fieldset>
  );
}

function Ticks({
  kinds,
  chosen,
  onShow,
  onToggle,
}: {
  readonly kinds: readonly Kind[];
  readonly chosen: ReadonlySet<string>;
  readonly onShow: (event: string) => void;
  readonly onToggle: (event: string) => void;
}) {
  return groups.map(([label, beginning]) => (
    <div key={label} role="group" aria-label={label} className="flex flex-col">
      <p className="text-sm font-medium text-mute">{label}</p>
      {kinds
        .filter(({ event }) => event.startsWith(beginning))
        .map(({ event, says }) => (
          <Choice
            key={event}
            checked={chosen.has(event)}
            onFocus={() => onShow(event)}
            onChange={() => onToggle(event)}
          >
            <code className="font-mono text-xs">{event}</code>{" "}
            <span className="text-sm text-mute">{says}</span>
          </Choice>
        ))}
    </div>
  ));
}

function AllKinds({ kinds }: { readonly kinds: readonly Kind[] }) {
  return (
    <p className="text-sm text-pretty text-mute">
      {kinds.length} kinds at present:{" "}
      {kinds.map(({ event }, at) => (
        <span key={event}>
          {at > 0 && ", "}
          <code className="font-mono text-xs">{event}</code>
        </span>
      ))}
      .
    </p>
  );
}

function Sample({
  kinds,
  shown,
  onShow,
}: {
  readonly kinds: readonly Kind[];
  readonly shown: string;
  readonly onShow: (event: string) => void;
}) {
  const id = useId();
  const kind = kinds.find(({ event }) => event === shown);
  return (
    <div className="flex min-w-0 flex-col gap-2 lg:sticky lg:top-20">
      <div className="flex items-center gap-2">
        <label htmlFor={id} className="text-sm whitespace-nowrap text-mute">
          A body of
        </label>
        <select
          id={id}
          className="control w-auto min-w-0 flex-1"
          value={shown}
          onChange={(event) => onShow(event.target.value)}
        >
          {kinds.map(({ event }) => (
            <option key={event} value={event}>
              {event}
            </option>
          ))}
        </select>
      </div>
      {kind && (
        <>
          <CodeBlock label="sample body" code={pretty(kind.sample)} />
          <p className="text-sm text-mute">
            {kind.says} It is sent on one line; the signature is over those very bytes.
          </p>
        </>
      )}
    </div>
  );
}

/** As people read it; what is no JSON stays as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
