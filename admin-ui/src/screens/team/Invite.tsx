import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { NewInvitationView } from "../../../../server/people/wire.ts";
import { post } from "../../api/client.ts";
import { Input, Select } from "../../ui/Field.tsx";
import { FormDialog } from "../../ui/FormDialog.tsx";
import { textIn, useFormWork } from "../../ui/forms.ts";
import type { Passed } from "./PassOn.tsx";
import { capital, roleNames, roleSays, type Role } from "./words.ts";

const spans = [
  [24, "A day"],
  [72, "3 days"],
  [168, "A week"],
  [720, "30 days"],
] as const;

export function passedOf({ email, role, link, expiresAt }: NewInvitationView): Passed {
  const title = `A link for ${email}`;
  const says = `Pass it on by a way that only ${email} reads: whoever opens it joins as ${role}.`;
  return { title, says, link, expiresAt };
}

export function Invite({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: (passed: Passed) => void;
}) {
  const queries = useQueryClient();
  const [role, setRole] = useState<Role>("viewer");
  const work = useFormWork(async (_key, form) => {
    const made = await post<NewInvitationView>("/v1/invitations", {
      email: textIn(form, "email"),
      role,
      expiresInHours: Number(textIn(form, "hours")),
    });
    await queries.invalidateQueries({ queryKey: ["invitations"] });
    onMade(passedOf(made));
  });
  const { problem } = work;
  return (
    <FormDialog title="Invite somebody" action="Make the link" work={work} onClose={onClose}>
      <p>You get a link to pass on. This server sends no mail.</p>
      <Input
        label="Email"
        name="email"
        type="email"
        autoComplete="off"
        hint="What they will sign in with."
        pointer="/email"
        problem={problem}
      />
      <RoleSelect role={role} onSet={setRole} problem={problem} />
      <Select
        label="The link is good for"
        name="hours"
        defaultValue={168}
        pointer="/expiresInHours"
        problem={problem}
      >
        {spans.map(([hours, words]) => (
          <option key={hours} value={hours}>
            {words}
          </option>
        ))}
      </Select>
    </FormDialog>
  );
}

export function RoleSelect({
  role,
  onSet,
  problem,
}: {
  readonly role: Role;
  readonly onSet: (role: Role) => void;
  readonly problem: Parameters<typeof Select>[0]["problem"];
}) {
  return (
    <Select
      label="Role"
      name="role"
      value={role}
      onChange={(event) => onSet(event.target.value as Role)}
      hint={roleSays[role]}
      pointer="/role"
      problem={problem}
    >
      {roleNames.map((name) => (
        <option key={name} value={name}>
          {capital(name)}
        </option>
      ))}
    </Select>
  );
}
