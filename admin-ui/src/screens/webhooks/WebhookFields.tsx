import { useState } from "react";
import type { EndpointView } from "../../../../server/webhooks/wire.ts";
import type { Problem } from "../../api/problem.ts";
import { Input } from "../../ui/Field.tsx";
import { textIn } from "../../ui/forms.ts";

/** Where it goes and what it is, for a new one and for one that changes. */
export function WebhookFields({
  webhook,
  problem,
}: {
  readonly webhook?: EndpointView;
  readonly problem: Problem | undefined;
}) {
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <Input
        label="URL"
        name="url"
        type="url"
        autoComplete="off"
        spellCheck={false}
        placeholder="https://shop.example.com/hooks"
        hint="HTTPS, at a public address, on port 443 or 8443. Redirects are not followed."
        defaultValue={webhook?.url}
        pointer="/url"
        problem={problem}
      />
      <Input
        label="Description"
        name="description"
        optional
        autoComplete="off"
        placeholder="Ships what was sold"
        hint="For people: whose it is, what it does."
        defaultValue={webhook?.description}
        pointer="/description"
        problem={problem}
      />
    </div>
  );
}

type Chosen = ReadonlySet<string> | null;

/** What is picked; in the order of the list nothing depends on it. */
export function useChosenEvents(first: readonly string[] | null) {
  const [chosen, setChosen] = useState<Chosen>(() => first && new Set(first));
  return { chosen, setChosen };
}

/** Of both forms; null is none, or all. */
export function bodyOf(form: HTMLFormElement, chosen: Chosen) {
  return {
    url: textIn(form, "url"),
    description: textIn(form, "description") || null,
    events: chosen && [...chosen].toSorted(),
  };
}

/** What is wrong with the list of events, or with the first of it that is wrong. */
export function faultOfEvents(problem: Problem | undefined): string | undefined {
  return problem?.errors.find(({ pointer }) => `${pointer}/`.startsWith("/events/"))?.detail;
}
