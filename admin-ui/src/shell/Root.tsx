import { Outlet } from "@tanstack/react-router";
import { Toasts } from "../ui/Toasts.tsx";
import { SignInDialog } from "./SignInDialog.tsx";
import { useRouteFocus } from "./page-title.ts";

export function Root() {
  useRouteFocus();
  return (
    <>
      <Outlet />
      <SignInDialog />
      <Toasts />
    </>
  );
}
