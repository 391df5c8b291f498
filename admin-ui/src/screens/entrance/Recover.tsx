import { NewPassword } from "./Claim.tsx";
import { OfLink } from "./OfLink.tsx";
import { Remedy, tokenInLink, useWayIn, WayInForm } from "./WayIn.tsx";

const remedy = (
  <Remedy
    says="Ask an owner of your organisation for a new link. Whoever runs the server makes one, too:"
    command="npm run -s zerorace -- people recover --email you@example.com"
  />
);

export function Recover() {
  const token = tokenInLink();
  return (
    <OfLink token={token} title="Set a new password" remedy={remedy}>
      {({ email }) => <RecoverForm token={token} email={email ?? ""} />}
    </OfLink>
  );
}

function RecoverForm({ token, email }: { readonly token: string; readonly email: string }) {
  const work = useWayIn("/v1/recoveries/use", { token });
  return (
    <WayInForm
      title="Set a new password"
      lead={`For ${email}. All your sessions end, and a new one begins here.`}
      work={work}
      action="Set it and sign in"
      remedy={remedy}
    >
      <NewPassword problem={work.problem} />
    </WayInForm>
  );
}
