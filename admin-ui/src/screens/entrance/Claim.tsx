import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Input } from "../../ui/Field.tsx";
import { OfLink } from "./OfLink.tsx";
import { PasswordInput, Remedy, tokenInLink, useWayIn, WayInForm } from "./WayIn.tsx";

/** Opened by the link that the server prints when nobody has claimed it yet. */
export function Claim() {
  const token = tokenInLink();
  const remedy = (
    <>
      <Remedy
        says="A link is good once, for 24 hours, and a newer one ends it. Whoever runs the server makes a new one:"
        command="npm run -s zerorace -- claim-link"
      />
      <p>
        If you have claimed it already,{" "}
        <Link to="/sign-in" className="text-accent underline">
          sign in
        </Link>
        .
      </p>
    </>
  );
  if (token === "") {
    return (
      <div className="flex flex-col gap-4">
        <h1 tabIndex={-1} className="text-2xl font-semibold tracking-tight">
          Claim this instance
        </h1>
        <p>The link is not whole: after /claim it has a # and a token.</p>
        {remedy}
      </div>
    );
  }
  return (
    <OfLink token={token} title="Claim this instance" remedy={remedy}>
      {() => <ClaimForm token={token} remedy={remedy} />}
    </OfLink>
  );
}

function ClaimForm({ token, remedy }: { readonly token: string; readonly remedy: ReactNode }) {
  const work = useWayIn("/v1/claim", { token });
  return (
    <WayInForm
      title="Claim this instance"
      lead="You become its operator, and the owner of the organisation that you name."
      work={work}
      action="Claim and sign in"
      remedy={remedy}
    >
      <Input
        label="Organisation"
        name="organisation"
        autoComplete="organization"
        autoFocus
        pointer="/organisation"
        problem={work.problem}
      />
      <Input
        label="Your name"
        name="name"
        autoComplete="name"
        pointer="/name"
        problem={work.problem}
      />
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

export function NewPassword({
  problem,
}: {
  readonly problem: Parameters<typeof Input>[0]["problem"];
}) {
  return (
    <PasswordInput
      label="Password"
      autoComplete="new-password"
      hint="12 characters or more. Some words in a row are good."
      pointer="/password"
      problem={problem}
    />
  );
}
