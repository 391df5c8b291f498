import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { Page } from "../ui/Page.tsx";
import { ErrorState } from "../ui/States.tsx";

/** A screen that could not be loaded, or that broke. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = (): void => {
    // A file of an older version of the console is gone after an upgrade: only a new page knows the new ones.
    if (/import|module/i.test(String(error))) location.reload();
    reset();
    void router.invalidate();
  };
  return (
    <Page title="This page cannot be shown">
      <ErrorState error={error} onRetry={again} />
    </Page>
  );
}
