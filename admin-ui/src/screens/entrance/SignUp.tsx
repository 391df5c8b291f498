import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Input } from "../../ui/Field.tsx";
import type { LinkView } from "../../../../server/entrance/wire.ts";
import { NewPassword } from "./Claim.tsx";
import { OfLink } from "./OfLink.tsx";
import { signUpRule } from "./sign-up-rule.ts";
import { tokenInLink, useWayIn, WayInForm } from "./WayIn.tsx";

const after = (
  <p className="text-sm text-mute">
    You have an account?{" "}
    <Link to="/sign-in" className="text-accent underline">
      Sign in
    </Link>
  </p>
);

/** Without an invitation, where sign-up is open. */
export function SignUp() {
  const work = useWayIn("/v1/sign-up", {});
  const { data } = useQuery(signUpRule);
  if (data?.signUp === "invitation") return <ByInvitation />;
  return (
    <WayInForm
      title="Make an account"
      lead="With an organisation of your own. To join one that there is, ask its owner for a link."
      work={work}
      action="Make the account"
      after={after}
    >
      <Organisation work={work} autoFocus />
      <Name work={work} />
      <Input
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        pointer="/email"
        problem={work.problem}
      />
      <NewPassword problem={work.problem} />
    </WayInForm>
  );
}

function ByInvitation() {
  return (
    <div className="flex flex-col gap-5">
      <h1 tabIndex={-1} className="text-2xl font-semibold tracking-tight">
        Accounts are made by invitation
      </h1>
      <p>
        Ask an owner of your organisation for a link, or whoever runs this server. A new
        organisation is invited by the server's operator.
      </p>
      {after}
    </div>
  );
}

/** By the link of an invitation: the address stands in it, and mostly the organisation, too. */
export function Join() {
  const token = tokenInLink();
  const remedy = (
    <>
      <p>Ask whoever invited you for a new link: each is good once.</p>
      {after}
    </>
  );
  return (
    <OfLink token={token} title="Accept the invitation" remedy={remedy}>
      {(link) => <JoinForm token={token} link={link} remedy={remedy} />}
    </OfLink>
  );
}

function JoinForm({
  token,
  link: { organisation, email, role },
  remedy,
}: {
  readonly token: string;
  readonly link: LinkView;
  readonly remedy: ReactNode;
}) {
  const work = useWayIn("/v1/sign-up", { token });
  const isFounder = organisation === null;
  return (
    <WayInForm
      title={isFounder ? "Make your organisation" : `Join ${organisation}`}
      lead={
        isFounder
          ? `You become its owner, and sign in as ${email ?? ""}.`
          : `You were invited as ${role ?? ""}, and sign in as ${email ?? ""}.`
      }
      work={work}
      action={isFounder ? "Make it and sign in" : "Join"}
      after={after}
      remedy={remedy}
    >
      {isFounder && <Organisation work={work} autoFocus />}
      <Name work={work} autoFocus={!isFounder} />
      <NewPassword problem={work.problem} />
    </WayInForm>
  );
}

interface Part {
  readonly work: ReturnType<typeof useWayIn>;
  readonly autoFocus?: boolean;
}

function Organisation({ work, autoFocus = false }: Part) {
  return (
    <Input
      label="Organisation"
      name="organisation"
      autoComplete="organization"
      autoFocus={autoFocus}
      pointer="/organisation"
      problem={work.problem}
    />
  );
}

function Name({ work, autoFocus = false }: Part) {
  return (
    <Input
      label="Your name"
      name="name"
      autoComplete="name"
      autoFocus={autoFocus}
      pointer="/name"
      problem={work.problem}
    />
  );
}
