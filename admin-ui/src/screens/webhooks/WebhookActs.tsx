import { useQueryClient } from "@tanstack/react-query";
import type { EndpointView, MadeView } from "../../../../server/webhooks/wire.ts";
import type { RedeliveryView } from "../../../../server/webhooks/redeliveries/wire.ts";
import { del, post } from "../../api/client.ts";
import { Choice } from "../../ui/Choice.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Input, Select } from "../../ui/Field.tsx";
import { Time } from "../../ui/Figures.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { fieldsOf, textIn, useFormWork } from "../../ui/forms.ts";
import { EventPicker } from "./EventPicker.tsx";
import { bodyOf, faultOfEvents, useChosenEvents, WebhookFields } from "./WebhookFields.tsx";
import { placeOf } from "./words.ts";

export const actNames = ["edit", "roll", "expire", "pause", "redeliver", "delete"] as const;
export type ActName = (typeof actNames)[number];

interface ActProps {
  readonly webhook: EndpointView;
  readonly onClose: () => void;
  /** What was done, in words. */
  readonly onDone: (says: string) => void;
  readonly onRolled: (made: MadeView) => void;
  readonly onDeleted: () => void;
}

export function WebhookAct({ name, ...props }: ActProps & { readonly name: ActName }) {
  switch (name) {
    case "edit":
      return <Edit {...props} />;
    case "roll":
      return <Roll {...props} />;
    case "redeliver":
      return <Redeliver {...props} />;
    case "expire":
    case "pause":
    case "delete":
      return <Confirmed {...props} name={name} />;
  }
}

function Edit({ webhook, onClose, onDone }: ActProps) {
  const client = useQueryClient();
  const { chosen, setChosen } = useChosenEvents(webhook.events);
  const work = useFormWork(async (_, form) => {
    await post<EndpointView>(`/v1/webhooks/${webhook.id}/change`, bodyOf(form, chosen));
    await client.invalidateQueries({ queryKey: ["webhooks"] });
    onDone("Changed. What is due goes to the address as it is now.");
    onClose();
  });
  const { problem } = work;
  return (
    <FormDialog title="Edit the webhook" action="Save" work={work} onClose={onClose} wide>
      <WebhookFields webhook={webhook} problem={problem} />
      <EventPicker chosen={chosen} onChoose={setChosen} fault={faultOfEvents(problem)} />
    </FormDialog>
  );
}

const overlaps = [
  [0, "Not at all: it ends now"],
  [3_600, "For an hour"],
  [86_400, "For a day"],
  [604_800, "For a week"],
] as const;

function Roll({ webhook, onClose, onRolled }: ActProps) {
  const client = useQueryClient();
  const { id, url, oldSecretUntil } = webhook;
  const work = useFormWork(async (idempotencyKey, form) => {
    const body = { overlapSeconds: Number(textIn(form, "overlap")) };
    const made = await post<MadeView>(`/v1/webhooks/${id}/rotate`, body, { idempotencyKey });
    await client.invalidateQueries({ queryKey: ["webhooks"] });
    onRolled(made);
  });
  return (
    <FormDialog
      title={`Roll the secret of ${placeOf(url)}`}
      action="Make the new secret"
      work={work}
      onClose={onClose}
    >
      <p>
        You get a new secret. For a while both sign every delivery, so that your receiver may change
        over at any moment.
      </p>
      {oldSecretUntil !== null && (
        <p className="rounded-md border border-warn/50 bg-(--test) px-3 py-2">
          Two secrets sign now. There are two at most: the older one, which would end{" "}
          <Time at={oldSecretUntil} />, ends at once.
        </p>
      )}
      <Select
        label="The secret of now goes on"
        name="overlap"
        defaultValue={86_400}
        pointer="/overlapSeconds"
        problem={work.problem}
      >
        {overlaps.map(([seconds, words]) => (
          <option key={seconds} value={seconds}>
            {words}
          </option>
        ))}
      </Select>
    </FormDialog>
  );
}

/** A day ago, or when it began to fail, as the browser's field has it. */
function sinceOf({ failingSince }: EndpointView): string {
  const at = failingSince === null ? new Date(Date.now() - 86_400_000) : new Date(failingSince);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

function Redeliver({ webhook, onClose, onDone }: ActProps) {
  const client = useQueryClient();
  const work = useFormWork(async (idempotencyKey, form) => {
    const typed = textIn(form, "since");
    const at = new Date(typed);
    const body = {
      // What is no time is sent as it is: the server says what it wants.
      since: Number.isNaN(at.getTime()) ? typed : at.toISOString(),
      delivered: fieldsOf(form).delivered !== undefined,
    };
    const path = `/v1/webhooks/${webhook.id}/redeliver`;
    const begun = await post<RedeliveryView>(path, body, { idempotencyKey });
    await client.invalidateQueries({ queryKey: ["webhooks"] });
    if (begun.state === "done") {
      const { redelivered } = begun;
      onDone(
        redelivered === 0
          ? "Nothing to send again: since then nothing failed or was skipped."
          : `Due again at once: ${redelivered === 1 ? "1 delivery" : `${redelivered} deliveries`}.`,
      );
    }
    onClose();
  });
  return (
    <FormDialog
      title={`Redeliver to ${placeOf(webhook.url)}`}
      action="Redeliver"
      work={work}
      onClose={onClose}
    >
      <p>
        What failed or was skipped since then, and what waits for its next attempt, is due at once,
        with the same <code>webhook-id</code> as before, from the beginning of the schedule.
      </p>
      <Input
        label="Since"
        name="since"
        type="datetime-local"
        step={1}
        defaultValue={sinceOf(webhook)}
        hint="In your time zone. Deliveries are kept for 30 days."
        pointer="/since"
        problem={work.problem}
      />
      <Choice name="delivered" hint="The receiver has them: it must know them by their webhook-id.">
        Also what was delivered
      </Choice>
    </FormDialog>
  );
}

type ConfirmedName = Extract<ActName, "expire" | "pause" | "delete">;

function Confirmed({
  name,
  webhook,
  onClose,
  onDone,
  onDeleted,
}: ActProps & { readonly name: ConfirmedName }) {
  const client = useQueryClient();
  const path = `/v1/webhooks/${webhook.id}`;
  const place = placeOf(webhook.url);
  const again = () => client.invalidateQueries({ queryKey: ["webhooks"] });
  const acts = {
    expire: {
      title: `End the old secret of ${place}?`,
      action: "End the old secret",
      says: "From the next attempt on only the new secret signs. A receiver that knows only the old one refuses what it gets.",
      run: async () => {
        await post(`${path}/expire-old-secret`, {});
        await again();
        onDone("The old secret has ended: only the new one signs.");
      },
    },
    pause: {
      title: `Pause ${place}?`,
      action: "Pause the webhook",
      says: "Nothing is sent to it until somebody enables it. What it is owed by now waits; what happens meanwhile is kept as skipped for 30 days, and can be redelivered.",
      run: async () => {
        await post(`${path}/disable`, {});
        await again();
        onDone("Paused.");
      },
    },
    delete: {
      title: `Delete ${place}?`,
      action: "Delete the webhook",
      says: "What it is still owed is sent no more, and it cannot be undone. To stop for a while, pause it.",
      run: async () => {
        await del(path);
        onDeleted();
      },
    },
  } satisfies Record<ConfirmedName, object>;
  const { title, action, says, run } = acts[name];
  return (
    <ConfirmDialog
      open
      title={title}
      action={action}
      danger={name !== "pause"}
      {...(name === "delete" && { typed: place })}
      onConfirm={run}
      onClose={onClose}
    >
      <p>{says}</p>
    </ConfirmDialog>
  );
}
