import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { Problem } from "../api/problem.ts";
import { Button } from "../ui/Button.tsx";
import { CopyButton } from "../ui/CopyButton.tsx";
import { Page } from "../ui/Page.tsx";
import { ErrorState } from "../ui/States.tsx";

/** A file of an older version of the console is gone after an upgrade: only a new page knows the new ones. */
const ofOldVersion = /dynamically imported module|importing a module|module script/i;

/** A screen that could not be loaded, or that broke. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = (): void => {
    reset();
    void router.invalidate();
  };
  if (ofOldVersion.test(String(error))) return <OldVersion />;
  return (
    <Page title="This page cannot be shown">
      <ErrorState error={error} onRetry={again} />
      {!(error instanceof Problem) && <Fault error={error} />}
    </Page>
  );
}

function OldVersion() {
  return (
    <Page title="This page is of an older version">
      <p className="max-w-[46rem]">
        A part of it could not be loaded. Most often the server was upgraded since the page was
        opened; then loading it again helps. If it does not, the server cannot be reached.
      </p>
      <p>
        <Button look="primary" icon="refresh" onClick={() => location.reload()}>
          Load the page again
        </Button>
      </p>
    </Page>
  );
}

/** A bug of ours: what whoever runs the server may send us. Nothing is sent by itself. */
function Fault({ error }: { readonly error: unknown }) {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const details = `${location.pathname}\n${navigator.userAgent}\n${stack}`;
  return (
    <div className="flex flex-wrap gap-2">
      <Button icon="refresh" onClick={() => location.reload()}>
        Load the page again
      </Button>
      <CopyButton text={details} look="plain" size="normal" words="Copy the details" />
    </div>
  );
}
