import { useState } from "react";
import type { ImportView } from "../../../../server/imports/wire.ts";
import { post } from "../../api/client.ts";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { formatMoment, formatNumber } from "../../ui/format.ts";
import { useNow } from "../../ui/Figures.tsx";
import { thingsOf } from "./words.ts";

type Act = "start" | "cancel" | "undo";

interface Props {
  readonly it: ImportView;
  readonly reason: string | undefined;
  readonly onDone: (it: ImportView) => void;
  readonly onMap: (() => void) | undefined;
}

/** What can be done about it as it stands, each after a question that says what will be different. */
export function Acts({ it, reason, onDone, onMap }: Props) {
  const [act, setAct] = useState<Act>();
  const { state, rows } = it;
  const mayCancel = ["uploading", "checking", "checked", "importing"].includes(state);
  const send = async (verb: Act): Promise<void> => {
    const body = verb === "start" ? { skipBadRows: rows.bad > 0 } : {};
    onDone(await post<ImportView>(`/v1/imports/${it.id}/${verb}`, body));
  };
  const noGood = state === "checked" && rows.good === 0 ? "No row of it is good." : undefined;
  return (
    <>
      {mayCancel && (
        <Button disabledReason={reason} onClick={() => setAct("cancel")}>
          Cancel the import
        </Button>
      )}
      {onMap && (
        <Button disabledReason={reason} onClick={onMap}>
          Change the columns
        </Button>
      )}
      {state === "checked" && (
        <Button
          look="primary"
          icon="play"
          disabledReason={reason ?? noGood}
          onClick={() => setAct("start")}
        >
          Import {thingsOf(it.kind, rows.good)}
        </Button>
      )}
      {it.mayUndo && (
        <Button look="danger" icon="back" disabledReason={reason} onClick={() => setAct("undo")}>
          Undo this import
        </Button>
      )}
      {act && (
        <Ask act={act} it={it} onConfirm={() => send(act)} onClose={() => setAct(undefined)} />
      )}
    </>
  );
}

function Ask({
  act,
  it,
  onConfirm,
  onClose,
}: {
  readonly act: Act;
  readonly it: ImportView;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const now = useNow();
  const { kind, rows, fileName } = it;
  const shared = { open: true, onConfirm, onClose } as const;
  if (act === "start") {
    return (
      <ConfirmDialog {...shared} title={`Import ${fileName}`} action="Start the import">
        <p>
          {thingsOf(kind, rows.good)} will be made, and can be sold or spent from at once.
          {rows.bad > 0 && ` ${formatNumber(rows.bad)} bad rows are left out.`} You can undo it for
          24 hours.
        </p>
      </ConfirmDialog>
    );
  }
  if (act === "cancel") {
    return (
      <ConfirmDialog {...shared} danger title={`Cancel ${fileName}`} action="Cancel the import">
        <p>
          {rows.made > 0
            ? `${thingsOf(kind, rows.made)} are made already and stay; you can undo them for 24 hours. No more are made.`
            : "Nothing was made, and nothing will be."}
        </p>
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog {...shared} danger title={`Undo ${fileName}`} action="Undo the import">
      {kind === "items" ? (
        <p>
          Items that nobody has bought, held or changed since are closed, their stock is taken out
          and their SKUs are free again. Those in use stay as they are, and are listed.
        </p>
      ) : (
        <p>
          Mandates that nobody has used or changed since are revoked, for good. Those in use stay as
          they are, and are listed.
        </p>
      )}
      {it.undoUntil !== null && (
        <p className="text-mute">Possible until {formatMoment(it.undoUntil, now)}.</p>
      )}
    </ConfirmDialog>
  );
}
