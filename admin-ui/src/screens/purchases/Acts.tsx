import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { StepView, WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import { newKey, post } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog, Dialog } from "../../ui/Dialog.tsx";
import { Input } from "../../ui/Field.tsx";
import { decimalOf, formatMoment, formatMoney, formatNumber, minorOf } from "../../ui/format.ts";
import { textIn, useFormWork } from "../../ui/forms.ts";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { say } from "../../ui/say.ts";
import { refusalOfAct, thingOf } from "./words.ts";

type Answer = NonNullable<StepView["answer"]>;
type Act = "refund" | "capture" | "extend" | "release";
type Standing = NonNullable<WholeAskView["purchase"]>;

interface ActProps {
  readonly ask: WholeAskView;
  readonly now: Standing;
  readonly onDone: (answer: Answer) => void;
  readonly onClose: () => void;
}

/** The buttons of what can be done to it now, and what came of the last one. */
export function useActs(ask: WholeAskView): { buttons: ReactNode; result: ReactNode } {
  const client = useQueryClient();
  const [open, setOpen] = useState<Act>();
  const [done, setDone] = useState<string>();
  const [mayNotRefund, mayNotWrite] = [
    useReasonAgainst("refunds:write"),
    useReasonAgainst("purchases:write"),
  ];
  const { purchase } = ask;
  if (!purchase) return { buttons: null, result: null };
  const onDone = (answer: Answer): void => {
    const words = wordsOf(answer);
    setDone(words);
    say(words);
    // Units and money moved, too: what is told as of now is read again.
    for (const queryKey of [["purchase", ask.id], ["items"], ["mandates"]]) {
      void client.invalidateQueries({ queryKey });
    }
  };
  const close = (): void => setOpen(undefined);
  const props = { ask, now: purchase, onDone, onClose: close };
  const button = (act: Act, words: string, reason: string | undefined): ReactNode => (
    <Button disabledReason={reason} onClick={() => setOpen(act)}>
      {words}
    </Button>
  );
  const isPaid = purchase.state === "settled";
  const isRefunded =
    purchase.refundedMinor >= purchase.settledMinor &&
    purchase.returnedQuantity >= purchase.settledQuantity;
  const buttons = (
    <>
      {purchase.state === "held" && (
        <>
          {button("capture", "Capture …", mayNotWrite)}
          {button("extend", "Extend …", mayNotWrite)}
          {button("release", "Release …", mayNotWrite)}
        </>
      )}
      {isPaid &&
        button(
          "refund",
          "Refund …",
          mayNotRefund ?? (isRefunded ? "All of it is refunded." : undefined),
        )}
      {open === "refund" && <Refund {...props} />}
      {open === "capture" && <Capture {...props} />}
      {open === "extend" && <Extend {...props} />}
      {open === "release" && <Release {...props} />}
    </>
  );
  const result = done !== undefined && (
    <p className="rounded-md border border-ok/40 bg-ok/8 px-4 py-2.5">{done}</p>
  );
  return { buttons, result };
}

function wordsOf(answer: Answer): string {
  const sum = "amountMinor" in answer ? formatMoney(answer.amountMinor, answer.currency) : "";
  switch (answer.outcome) {
    case "REFUNDED":
      return `Refunded ${sum}. The money is back under the mandate.`;
    case "CAPTURED":
      return `Captured ${sum}. The hold is a purchase now.`;
    case "RELEASED":
      return `Released ${sum}. Units and money are free again.`;
    case "EXTENDED":
      return `Extended until ${formatMoment(answer.expiresAt, Date.now())}.`;
    default:
      return answer.outcome;
  }
}

/** A no of the business is an answer, not a problem: it is told in the dialog, which stays. */
function useAct(
  { ask, onDone, onClose }: ActProps,
  path: string,
  bodyOf: (form: HTMLFormElement) => object | undefined,
) {
  const [refused, setRefused] = useState<string>();
  const work = useFormWork(async (key, form) => {
    setRefused(undefined);
    const body = bodyOf(form);
    if (!body) return;
    const sent = { merchantId: ask.merchantId, ...body };
    const answer = await post<Answer>(path, sent, { idempotencyKey: key });
    if (answer.outcome === "DECLINED") {
      setRefused(refusalOfAct(answer, ask.request.currency));
      return;
    }
    onDone(answer);
    onClose();
  });
  return { work, refused };
}

function ActDialog({
  title,
  action,
  act,
  onClose,
  danger = false,
  children,
}: {
  readonly title: string;
  readonly action: string;
  readonly act: ReturnType<typeof useAct>;
  readonly onClose: () => void;
  readonly danger?: boolean;
  readonly children: ReactNode;
}) {
  const { work, refused } = act;
  const { problem } = work;
  const actions = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button look={danger ? "danger" : "primary"} type="submit" form="act" busy={work.isBusy}>
        {action}
      </Button>
    </>
  );
  return (
    <Dialog open title={title} onClose={onClose} actions={actions}>
      <form id="act" className="flex flex-col gap-4" onSubmit={work.onSubmit} noValidate>
        {children}
        {refused !== undefined && (
          <p role="alert" className="rounded-md border border-bad/50 bg-bad/8 px-3 py-2">
            Refused. {refused}
          </p>
        )}
        {problem && problem.errors.length === 0 && <ProblemNote error={problem} />}
      </form>
    </Dialog>
  );
}

function Refund(props: ActProps) {
  const { ask, now, onClose } = props;
  const currency = ask.request.currency ?? "USD";
  const left = now.settledMinor - now.refundedMinor;
  const units = now.settledQuantity - now.returnedQuantity;
  const [text, setText] = useState<string>(decimalOf(left, currency));
  const [error, setError] = useState<string>();
  const amountMinor = minorOf(text, currency);
  const act = useAct(props, `/v1/purchases/${ask.id}/refunds`, (form) => {
    const returned = textIn(form, "returnQuantity");
    setError(
      amountMinor === undefined ? `Write an amount as in ${decimalOf(1250, currency)}` : undefined,
    );
    if (amountMinor === undefined) return undefined;
    return { amountMinor, ...(returned !== "" && { returnQuantity: Number(returned) }) };
  });
  const { problem } = act.work;
  return (
    <ActDialog
      title="Refund this purchase"
      action={amountMinor === undefined ? "Refund" : `Refund ${formatMoney(amountMinor, currency)}`}
      act={act}
      onClose={onClose}
      danger
    >
      <p>
        {thingOf(ask)} at {ask.names.merchant}. The money goes back under the mandate{" "}
        {ask.names.mandate} at once, and cannot be taken back.
      </p>
      <Input
        label={`Amount in ${currency}`}
        name="amount"
        inputMode="decimal"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        hint={`${formatMoney(left, currency)} of ${formatMoney(now.settledMinor, currency)} can go back.`}
        pointer="/amountMinor"
        problem={problem}
        error={error}
      />
      <Input
        label="Units back on the shelf"
        name="returnQuantity"
        type="number"
        min={0}
        defaultValue="0"
        hint={`${formatNumber(units)} can come back.`}
        pointer="/returnQuantity"
        problem={problem}
      />
    </ActDialog>
  );
}

function Capture(props: ActProps) {
  const { ask, now, onClose } = props;
  const act = useAct(props, `/v1/holds/${ask.id}/capture`, (form) => {
    const text = textIn(form, "quantity");
    return text === "" ? {} : { quantity: Number(text) };
  });
  return (
    <ActDialog title="Capture this hold" action="Capture" act={act} onClose={onClose}>
      <p>
        {thingOf(ask)} for {formatMoney(now.amountMinor, ask.request.currency ?? "USD")}. What is
        not captured goes back; a hold is captured once.
      </p>
      <Input
        label="Units"
        name="quantity"
        type="number"
        min={1}
        defaultValue={String(now.quantity)}
        hint={`${formatNumber(now.quantity)} are held.`}
        pointer="/quantity"
        problem={act.work.problem}
      />
    </ActDialog>
  );
}

function Extend(props: ActProps) {
  const { ask, now, onClose } = props;
  const act = useAct(props, `/v1/holds/${ask.id}/extend`, (form) => ({
    holdSeconds: Math.round(Number(textIn(form, "minutes")) * 60),
  }));
  return (
    <ActDialog title="Extend this hold" action="Extend" act={act} onClose={onClose}>
      <p>
        It ends {now.expiresAt === null ? "" : formatMoment(now.expiresAt, Date.now())}. It is never
        made shorter.
      </p>
      <Input
        label="Minutes from now"
        name="minutes"
        type="number"
        min={1}
        defaultValue="10"
        hint="A week is the most."
        pointer="/holdSeconds"
        problem={act.work.problem}
      />
    </ActDialog>
  );
}

function Release({ ask, now, onDone, onClose }: ActProps) {
  const [idempotencyKey] = useState(newKey);
  const release = async (): Promise<void> => {
    const body = { merchantId: ask.merchantId };
    const answer = await post<Answer>(`/v1/holds/${ask.id}/release`, body, { idempotencyKey });
    if (answer.outcome === "DECLINED") throw new Error(answer.detail.replaceAll("`", ""));
    onDone(answer);
  };
  return (
    <ConfirmDialog
      open
      title="Release this hold"
      action="Release the hold"
      danger
      onConfirm={release}
      onClose={onClose}
    >
      <p>
        {thingOf(ask)} go back on the shelf, and{" "}
        {formatMoney(now.amountMinor, ask.request.currency ?? "USD")} under the mandate{" "}
        {ask.names.mandate}. Whoever held it has to ask anew.
      </p>
    </ConfirmDialog>
  );
}
