import { useState } from "react";
import { newKey } from "../../api/client.ts";
import { Choice } from "../../ui/Choice.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { formatMoney } from "../../ui/format.ts";
import { useCommand, type ActProps } from "./MandateActs.tsx";

/** For good, so its name has to be typed. */
export function Revoke(props: ActProps) {
  const { mandate, onDone, onClose } = props;
  const { name, money, currency } = mandate;
  const [releaseHolds, setRelease] = useState(false);
  const [keys] = useState({ keep: newKey(), release: newKey() });
  const send = useCommand(props);
  const held = formatMoney(money.heldMinor, currency);
  return (
    <ConfirmDialog
      open
      danger
      title={`Revoke ${name}?`}
      action="Revoke the mandate"
      typed={name}
      onClose={onClose}
      onConfirm={async () => {
        // Either choice is an ask of its own; each keeps its key while it is sent again.
        await send("revoke", { releaseHolds }, releaseHolds ? keys.release : keys.keep);
        onDone(
          releaseHolds
            ? "It is revoked, and what was held is given back."
            : "It is revoked. Holds can still be captured.",
        );
      }}
    >
      <p>
        Once it is revoked nothing is bought under it any more, for good.{" "}
        {formatMoney(money.leftMinor, currency)} that are left stay unspent.
      </p>
      <fieldset className="flex flex-col">
        <legend className="mb-1 font-medium">{held} are held under it</legend>
        {(
          [
            [false, "Keep the holds: they can be captured, or expire."],
            [true, "Release them: units and money are free at once."],
          ] as const
        ).map(([value, words]) => (
          <Choice
            key={words}
            radio
            name="releaseHolds"
            checked={releaseHolds === value}
            onChange={() => setRelease(value)}
          >
            {words}
          </Choice>
        ))}
      </fieldset>
    </ConfirmDialog>
  );
}
