import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { DeliveryView, EndpointView } from "../../../../server/webhooks/wire.ts";
import { newKey, post } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import type { WebhookSearch } from "./search.ts";
import type { ActName } from "./WebhookActs.tsx";

/** What can be done with a webhook; each that asks first is a dialog of the address. */
export function Actions({
  webhook,
  search,
  onSet,
  onDone,
  onProblem,
}: {
  readonly webhook: EndpointView;
  readonly search: WebhookSearch;
  readonly onSet: (next: WebhookSearch) => void;
  readonly onDone: (says: string) => void;
  readonly onProblem: (error: unknown) => void;
}) {
  const { id, state, oldSecretUntil } = webhook;
  const client = useQueryClient();
  const role = useReasonAgainst("webhooks:write");
  const [busy, setBusy] = useState<"test" | "enable">();
  const key = useRef(newKey());
  const isOff = state === "disabled";
  const off =
    role ?? (isOff ? "Enable it first: nothing is sent while it is disabled." : undefined);
  const run = async (name: "test" | "enable", work: () => Promise<void>): Promise<void> => {
    setBusy(name);
    onProblem(undefined);
    try {
      await work();
      key.current = newKey();
    } catch (error) {
      onProblem(error);
    } finally {
      setBusy(undefined);
    }
  };
  const test = () =>
    run("test", async () => {
      const sending = { idempotencyKey: key.current };
      const made = await post<DeliveryView>(`/v1/webhooks/${id}/test`, {}, sending);
      await client.invalidateQueries({ queryKey: ["webhooks"] });
      onSet({ ...search, test: made.id });
    });
  const enable = () =>
    run("enable", async () => {
      await post(`/v1/webhooks/${id}/enable`, {});
      await client.invalidateQueries({ queryKey: ["webhooks"] });
      onDone("Enabled. What it was owed is due now; what was skipped can be redelivered.");
    });
  const open = (act: ActName) => () => onSet({ ...search, act });
  const noOld = oldSecretUntil === null ? "Only one secret signs." : undefined;
  return (
    <>
      {isOff ? (
        <Button
          look="primary"
          icon="play"
          busy={busy === "enable"}
          disabledReason={role}
          onClick={() => void enable()}
        >
          Enable
        </Button>
      ) : (
        <Button
          look="primary"
          icon="play"
          busy={busy === "test"}
          disabledReason={off}
          onClick={() => void test()}
        >
          Send a test
        </Button>
      )}
      <Button icon="refresh" disabledReason={off} onClick={open("redeliver")}>
        Redeliver …
      </Button>
      <Button icon="adjust" disabledReason={role} onClick={open("edit")}>
        Edit
      </Button>
      <Menu
        label="More"
        look="plain"
        items={[
          { label: "Roll the secret …", disabledReason: role, onSelect: open("roll") },
          {
            label: "End the old secret …",
            disabledReason: role ?? noOld,
            onSelect: open("expire"),
          },
          {
            label: "Pause …",
            disabledReason: role ?? (isOff ? "It is disabled already." : undefined),
            onSelect: open("pause"),
          },
          { label: "Delete …", danger: true, disabledReason: role, onSelect: open("delete") },
        ]}
      >
        <Icon name="more" />
      </Menu>
    </>
  );
}
