import { Outlet } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useMode } from "../api/mode.ts";
import { useSessionIfAny } from "../api/session.ts";
import { liveStream } from "../live/stream.ts";
import { ChangePassword } from "./ChangePassword.tsx";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { ForRole } from "./ForRole.tsx";
import { Drawer, Navigation } from "./Navigation.tsx";
import { NewVersionBar } from "./NewVersionBar.tsx";
import { Palette } from "./Palette.tsx";
import { Shortcuts } from "./Shortcuts.tsx";
import { Suspended } from "./Suspended.tsx";
import { TopBar } from "./TopBar.tsx";
import { useShortcuts } from "./shortcut-keys.ts";

/** What stands around every screen. */
export function Shell() {
  const session = useSessionIfAny();
  if (!session) return null;
  const { suspension } = session.organisation;
  // Who runs the server goes on doing so.
  if (suspension && !session.person.isInstanceOperator)
    return <Suspended suspension={suspension} />;
  return <Frame />;
}

function Frame() {
  const [open, setOpen] = useState<"palette" | "shortcuts" | "drawer" | "password">();
  const mode = useMode();
  const close = (): void => setOpen(undefined);
  useShortcuts(setOpen);
  useEffect(() => {
    liveStream.start();
    return () => liveStream.stop();
  }, []);
  return (
    <div className="grid min-h-dvh grid-cols-[minmax(0,1fr)] md:grid-cols-[216px_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:start-2 focus:top-2"
      >
        Skip to the content
      </a>
      <aside className="sticky top-0 hidden h-dvh overflow-y-auto border-e bg-panel md:block">
        <Navigation />
      </aside>
      <div className="flex min-w-0 flex-col">
        <header className="sticky top-0 z-30">
          <TopBar onOpen={setOpen} />
          {mode === "test" && <TestStripe />}
          <ConnectionBar />
          <NewVersionBar />
        </header>
        <main id="main" tabIndex={-1} className="min-w-0 flex-1">
          {/* Another mode is another world: no screen keeps anything of the one before. */}
          <ForRole>
            <Outlet key={mode} />
          </ForRole>
        </main>
      </div>
      {open === "drawer" && <Drawer onClose={close} />}
      {open === "palette" && <Palette onClose={close} onOpen={setOpen} />}
      {open === "password" && <ChangePassword onClose={close} />}
      {open === "shortcuts" && <Shortcuts onClose={close} />}
    </div>
  );
}

function TestStripe() {
  return (
    <p className="border-b border-warn/40 bg-(--test) px-4 py-0.5 text-center text-xs text-warn">
      Test data. Nothing here is sold for real.
    </p>
  );
}
