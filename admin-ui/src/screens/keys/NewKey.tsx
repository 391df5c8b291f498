import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { MadeView } from "../../../../server/keys/wire.ts";
import { post } from "../../api/client.ts";
import { currentMode, useMode } from "../../api/mode.ts";
import type { Problem } from "../../api/problem.ts";
import { reasonAgainst, useReasonAgainst, useSession } from "../../api/session.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Input, Select, TextArea } from "../../ui/Field.tsx";
import { textIn, useFormWork, type FormWork } from "../../ui/forms.ts";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page, Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { MandatePicker, useMandateChoice, type MandateChoice } from "./MandatePicker.tsx";
import { Reveal } from "./Reveal.tsx";
import { ScopePicker } from "./ScopePicker.tsx";
import { presetNames, presets, type KeyScope, type PresetName } from "./scopes.ts";

const back = { to: "/keys", label: "API keys" };

export function NewKey() {
  const reason = useReasonAgainst("keys:write");
  const [made, setMade] = useState<MadeView>();
  const navigate = useNavigate();
  if (made) {
    const done = (): void =>
      void navigate({ to: "/keys/$id", params: { id: made.id }, replace: true });
    return (
      <Page title={made.name} back={back}>
        <Reveal made={made} onDone={done} />
      </Page>
    );
  }
  return (
    <Page title="Create an API key" back={back}>
      {reason === undefined ? (
        <NewKeyForm onMade={setMade} />
      ) : (
        <NotForRole icon="keys" what="New API keys" reason={reason} />
      )}
    </Page>
  );
}

function NewKeyForm({ onMade }: { readonly onMade: (made: MadeView) => void }) {
  const { for: task } = useSearch({ from: "/signed-in/keys/new" });
  const session = useSession();
  const mode = useMode();
  const client = useQueryClient();
  const [scopes, setScopes] = useState<ReadonlySet<KeyScope>>(() => {
    const first: PresetName = presetNames.find((name) => name === task) ?? "agent";
    return new Set(presets[first].scopes.filter((one) => !reasonAgainst(session, one)));
  });
  const [expiry, setExpiry] = useState("never");
  const mandates = useMandateChoice();
  // What is sent again under the same key says the same, also of when it ends.
  const sent = useRef({ key: "", atMs: 0 });
  const work = useFormWork(async (key, form) => {
    if (sent.current.key !== key) sent.current = { key, atMs: Date.now() };
    const body = {
      name: textIn(form, "name"),
      scopes: [...scopes],
      ...listed("agentIds", textIn(form, "agents").split("\n")),
      ...listed("mandateIds", [...mandates.chosen]),
      ...given("expiresAt", expiresAt(expiry, textIn(form, "until"), sent.current.atMs)),
      ...given("reason", textIn(form, "reason")),
    };
    const asked = currentMode();
    const made = await post<MadeView>("/v1/keys", body, { idempotencyKey: key });
    void client.invalidateQueries({ queryKey: ["keys"] });
    void client.invalidateQueries({ queryKey: ["first-steps"] });
    if (asked === currentMode()) onMade(made);
  });
  const { problem } = work;
  return (
    <form className="flex max-w-5xl flex-col gap-4" onSubmit={work.onSubmit} noValidate>
      <Panel>
        <div className="grid gap-4 md:grid-cols-2">
          <Input
            label="Name"
            name="name"
            placeholder="checkout of the shop"
            autoComplete="off"
            hint={`Who will use it. It works in your ${mode} data.`}
            pointer="/name"
            problem={problem}
          />
          <Expiry value={expiry} onChange={setExpiry} problem={problem} />
        </div>
      </Panel>
      <Panel>
        <ScopePicker chosen={scopes} onChoose={setScopes} fault={faultUnder(problem, "/scopes")} />
      </Panel>
      <Bounds mandates={mandates} problem={problem} />
      <Sending work={work} />
    </form>
  );
}

function Bounds({
  mandates,
  problem,
}: {
  readonly mandates: MandateChoice;
  readonly problem: Problem | undefined;
}) {
  return (
    <>
      <Panel title="Bounds">
        <div className="grid gap-4 md:grid-cols-2">
          <TextArea
            label="Agents"
            name="agents"
            optional
            hint="One agent id a line. With any, the key buys for these agents alone."
            error={faultUnder(problem, "/agentIds")}
          />
          <MandatePicker choice={mandates} fault={faultUnder(problem, "/mandateIds")} />
        </div>
      </Panel>
      <Panel>
        <Input
          label="Reason"
          name="reason"
          optional
          autoComplete="off"
          hint="For the audit log."
          pointer="/reason"
          problem={problem}
        />
      </Panel>
    </>
  );
}

function Sending({ work }: { readonly work: FormWork }) {
  const { problem, isBusy } = work;
  return (
    <>
      {problem && problem.errors.length === 0 && <ProblemNote error={problem} />}
      <div className="flex gap-2">
        <Button look="primary" type="submit" busy={isBusy}>
          Create the key
        </Button>
        <Link to="/keys" className={buttonClass()}>
          Cancel
        </Link>
      </div>
    </>
  );
}

const spans = [
  ["never", "Never"],
  ["1", "After a day"],
  ["30", "After 30 days"],
  ["90", "After 90 days"],
  ["365", "After a year"],
  ["at", "At a time"],
] as const;

function Expiry({
  value,
  onChange,
  problem,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem: Problem | undefined;
}) {
  return (
    <div className="grid gap-2 sm:grid-cols-2">
      <Select
        label="Expires"
        name="expiry"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        error={value === "at" ? undefined : problem?.faultAt("/expiresAt")}
      >
        {spans.map(([id, words]) => (
          <option key={id} value={id}>
            {words}
          </option>
        ))}
      </Select>
      {value === "at" && (
        <Input
          label="Until"
          name="until"
          type="datetime-local"
          hint="In your time zone."
          pointer="/expiresAt"
          problem={problem}
        />
      )}
    </div>
  );
}

function expiresAt(span: string, until: string, nowMs: number): string {
  if (span === "never") return "";
  const at = span === "at" ? new Date(until) : new Date(nowMs + Number(span) * 86_400_000);
  // What is no time is sent as it is: the server says what it wants.
  return Number.isNaN(at.getTime()) ? until || "?" : at.toISOString();
}

function given<Name extends string>(name: Name, text: string): Partial<Record<Name, string>> {
  return (text === "" ? {} : { [name]: text }) as Partial<Record<Name, string>>;
}

function listed<Name extends string>(
  name: Name,
  texts: readonly string[],
): Partial<Record<Name, string[]>> {
  const all = texts.map((text) => text.trim()).filter((text) => text !== "");
  return (all.length === 0 ? {} : { [name]: all }) as Partial<Record<Name, string[]>>;
}

/** What is wrong with a list, or with the first of it that is wrong. */
function faultUnder(problem: Problem | undefined, pointer: string): string | undefined {
  return problem?.errors.find((fault) => `${fault.pointer}/`.startsWith(`${pointer}/`))?.detail;
}
