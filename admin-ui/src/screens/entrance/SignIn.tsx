import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { Input } from "../../ui/Field.tsx";
import { signUpRule } from "./sign-up-rule.ts";
import { PasswordInput, useWayIn, WayInForm } from "./WayIn.tsx";

export function SignIn() {
  const { to } = useSearch({ from: "/entrance/sign-in" });
  const work = useWayIn("/v1/session", {}, to);
  return (
    <WayInForm
      title="Sign in"
      lead="To the console of this instance."
      work={work}
      action="Sign in"
      after={
        <div className="flex flex-col gap-2 text-sm text-mute">
          <WithoutAccount />
          <p>
            Forgot your password? An owner of your organisation can make you a link, and whoever
            runs the server too: <code className="font-mono text-xs">zerorace people recover</code>.
          </p>
        </div>
      }
    >
      <Input
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        autoFocus
        pointer="/email"
        problem={work.problem}
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        pointer="/password"
        problem={work.problem}
      />
    </WayInForm>
  );
}

function WithoutAccount() {
  const { data } = useQuery(signUpRule);
  if (!data) return null;
  if (data.signUp === "open") {
    return (
      <p>
        No account yet?{" "}
        <Link to="/sign-up" className="text-accent underline">
          Make an account
        </Link>
      </p>
    );
  }
  return (
    <p>
      No account yet? Here they are made by invitation: an owner of an organisation sends a link.
    </p>
  );
}
