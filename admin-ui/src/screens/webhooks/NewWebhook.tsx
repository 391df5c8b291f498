import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { MadeView } from "../../../../server/webhooks/wire.ts";
import { post } from "../../api/client.ts";
import { currentMode } from "../../api/mode.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { useFormWork } from "../../ui/forms.ts";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page, Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { EventPicker } from "./EventPicker.tsx";
import { RevealSecret } from "./RevealSecret.tsx";
import { bodyOf, faultOfEvents, useChosenEvents, WebhookFields } from "./WebhookFields.tsx";
import { placeOf } from "./words.ts";

const back = { to: "/webhooks", label: "Webhooks" };

export function NewWebhook() {
  const reason = useReasonAgainst("webhooks:write");
  const [made, setMade] = useState<MadeView>();
  const navigate = useNavigate();
  if (made) {
    const done = (): void =>
      void navigate({ to: "/webhooks/$id", params: { id: made.id }, replace: true });
    return (
      <Page title={placeOf(made.url)} back={back}>
        <RevealSecret made={made} onDone={done} />
      </Page>
    );
  }
  return (
    <Page title="Add a webhook" back={back}>
      {reason === undefined ? (
        <NewWebhookForm onMade={setMade} />
      ) : (
        <NotForRole icon="webhooks" what="New webhooks" reason={reason} />
      )}
    </Page>
  );
}

function NewWebhookForm({ onMade }: { readonly onMade: (made: MadeView) => void }) {
  const client = useQueryClient();
  const { chosen, setChosen } = useChosenEvents(null);
  const work = useFormWork(async (idempotencyKey, form) => {
    const { url, description, events } = bodyOf(form, chosen);
    const sent = { url, ...(description !== null && { description }), ...(events && { events }) };
    const asked = currentMode();
    const made = await post<MadeView>("/v1/webhooks", sent, { idempotencyKey });
    void client.invalidateQueries({ queryKey: ["webhooks"] });
    void client.invalidateQueries({ queryKey: ["first-steps"] });
    if (asked === currentMode()) onMade(made);
  });
  const { problem, isBusy } = work;
  const fault = faultOfEvents(problem);
  return (
    <form className="flex max-w-5xl flex-col gap-4" onSubmit={work.onSubmit} noValidate>
      {/* It is no field of the form: a change of it is a change of what is sent. */}
      <input type="hidden" name="events" value={chosen ? [...chosen].join(" ") : "*"} />
      <Panel>
        <WebhookFields problem={problem} />
      </Panel>
      <Panel>
        <EventPicker chosen={chosen} onChoose={setChosen} fault={fault} />
      </Panel>
      {problem && problem.errors.length === 0 && <ProblemNote error={problem} />}
      <div className="flex gap-2">
        <Button look="primary" type="submit" busy={isBusy}>
          Add the webhook
        </Button>
        <Link to="/webhooks" className={buttonClass()}>
          Cancel
        </Link>
      </div>
    </form>
  );
}
