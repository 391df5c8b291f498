import { useState } from "react";
import { Button, IconButton } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { useNewVersion } from "./new-version.ts";

/** Never by itself: what somebody has typed would be gone. */
export function NewVersionBar() {
  const isNew = useNewVersion();
  const [isHidden, setHidden] = useState(false);
  if (!isNew || isHidden) return null;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-panel px-4 py-1.5"
    >
      <span className="text-accent">
        <Icon name="refresh" />
      </span>
      <p className="min-w-0 flex-1">
        There is a new version of this console. Load the page again when you are ready.
      </p>
      <Button size="small" look="primary" onClick={() => location.reload()}>
        Load again
      </Button>
      <IconButton label="Later" icon="close" size="small" onClick={() => setHidden(true)} />
    </div>
  );
}
