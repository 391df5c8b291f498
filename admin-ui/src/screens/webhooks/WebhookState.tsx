import type { EndpointView } from "../../../../server/webhooks/wire.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Time } from "../../ui/Figures.tsx";
import { Icon } from "../../ui/Icon.tsx";

type Reason = NonNullable<EndpointView["disabledReason"]>;

const words: Readonly<Record<Reason, string>> = {
  by_hand: "Paused",
  gone: "Gone",
  failing: "Given up",
};

export function WebhookState({ state, disabledReason, failingSince }: EndpointView) {
  if (state === "enabled" && failingSince === null) {
    return (
      <Badge tone="ok" icon="check">
        Enabled
      </Badge>
    );
  }
  if (state === "enabled") {
    return (
      <Badge tone="warn" icon="alert">
        Failing
      </Badge>
    );
  }
  const reason = disabledReason ?? "by_hand";
  return reason === "by_hand" ? (
    <Badge icon="pause">{words[reason]}</Badge>
  ) : (
    <Badge tone="bad" icon="cross">
      {words[reason]}
    </Badge>
  );
}

/** Why it is not as it should be, and what to do. Nothing where all is well. */
export function StateInWords({ webhook }: { readonly webhook: EndpointView }) {
  const { state, disabledReason, failingSince } = webhook;
  if (state === "enabled" && failingSince === null) return null;
  const isHard = state === "disabled" && disabledReason !== "by_hand";
  return (
    <div
      role="status"
      className={`flex items-start gap-3 rounded-lg border px-4 py-3 ${
        isHard ? "border-bad/50 bg-bad/8" : "border-warn/50 bg-(--test)"
      }`}
    >
      <span className={`mt-0.5 ${isHard ? "text-bad" : "text-warn"}`}>
        <Icon name={state === "disabled" && !isHard ? "pause" : "alert"} />
      </span>
      <p className="min-w-0 max-w-[60rem] text-pretty">{wordsFor(webhook)}</p>
    </div>
  );
}

const kept = "What happens meanwhile is kept as skipped, for 30 days: redeliver it afterwards.";

function wordsFor({ state, disabledReason, failingSince }: EndpointView) {
  const since = failingSince !== null && <Time at={failingSince} />;
  if (state === "enabled") {
    return (
      <>
        <b>It is failing.</b> The first failure since the last success was {since}. Each event is
        tried ten times over three days; after five days without a success, or as long as this
        server was set to wait, the webhook is disabled. The last answers below say what the
        receiver wants.
      </>
    );
  }
  if (disabledReason === "gone") {
    return (
      <>
        <b>Disabled: the receiver answered 410 Gone.</b> That says that nobody listens there any
        more. If it should listen, mend the receiver or edit the address, then enable the webhook.{" "}
        {kept}
      </>
    );
  }
  if (disabledReason === "failing") {
    return (
      <>
        <b>Disabled: no delivery has succeeded since {since}.</b> The last answers below say why.
        Mend the receiver, enable the webhook, send a test, and redeliver what failed or was
        skipped. {kept}
      </>
    );
  }
  return (
    <>
      <b>Paused by hand.</b> Nothing is sent until somebody enables it. {kept}
    </>
  );
}
