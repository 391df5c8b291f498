import { useSearch } from "@tanstack/react-router";
import { Input } from "../../ui/Field.tsx";
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
        <p className="text-sm text-mute">
          Forgot your password? An owner of your organisation can make you a link, and whoever runs
          the server too: <code className="font-mono text-xs">zerorace people recover</code>.
        </p>
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
