import { NewPassword } from "./Claim.tsx";
import { Remedy, tokenInLink, useWayIn, WayInForm } from "./WayIn.tsx";

export function Recover() {
  const work = useWayIn("/v1/recoveries/use", { token: tokenInLink() });
  return (
    <WayInForm
      title="Set a new password"
      lead="All your sessions end, and a new one begins here."
      work={work}
      action="Set it and sign in"
      remedy={
        <Remedy
          says="Ask an owner of your organisation for a new link. Whoever runs the server makes one, too:"
          command="npm run -s zerorace -- people recover --email you@example.com"
        />
      }
    >
      <NewPassword problem={work.problem} />
    </WayInForm>
  );
}
