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

interface ActionsProps {
  readonly webhook: EndpointView;
  readonly search: WebhookSearch;
  readonly onSet: (next: WebhookSearch) => void;
  readonly onDone: (says: string) => void;
  readonly onProblem: (error: unknown) => void;
}

/** What is done at once, and only one of them at a time. */
function useAtOnce({ webhook: { id }, search, onSet, onDone, onProblem }: ActionsProps) {
  const client = useQueryClient();
  const [busy, setBusy] = useState<"test" | "enable">();
  const key = useRef(newKey());
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
      onDone(
        "Enabled. What it was owed is due by its schedule; Redeliver sends that, and what was skipped, now.",
      );
    });
  return { busy, test, enable };
}

/** What can be done with a webhook; each that asks first is a dialog of the address. */
export function Actions(props: ActionsProps) {
  const { webhook, search, onSet } = props;
  const role = useReasonAgainst("webhooks:write");
  const { busy, test, enable } = useAtOnce(props);
  const isOff = webhook.state === "disabled";
  const why = isOff ? "Enable it first: nothing is sent while it is disabled." : undefined;
  const open = (act: ActName) => () => onSet({ ...search, act });
  const [label, act] = isOff ? (["Enable", enable] as const) : (["Send a test", test] as const);
  const more = [
    { label: "Roll the secret …", onSelect: open("roll") },
    {
      label: "End the old secret …",
      onSelect: open("expire"),
      why: webhook.oldSecretUntil === null ? "Only one secret signs." : undefined,
    },
    {
      label: "Pause …",
      onSelect: open("pause"),
      why: isOff ? "It is disabled already." : undefined,
    },
    { label: "Delete …", onSelect: open("delete"), danger: true },
  ];
  return (
    <>
      <Button
        look="primary"
        icon="play"
        busy={busy !== undefined}
        disabledReason={role}
        onClick={() => void act()}
      >
        {label}
      </Button>
      <Button icon="refresh" disabledReason={role ?? why} onClick={open("redeliver")}>
        Redeliver …
      </Button>
      <Button icon="adjust" disabledReason={role} onClick={open("edit")}>
        Edit
      </Button>
      <Menu
        label="More"
        look="plain"
        items={more.map(({ why: reason, ...item }) => ({
          ...item,
          disabledReason: role ?? reason,
        }))}
      >
        <Icon name="more" />
      </Menu>
    </>
  );
}
