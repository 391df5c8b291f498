import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { get } from "../../api/client.ts";
import { Mark } from "../../ui/Icon.tsx";

/** Around the ways in: one column, nothing else to look at. */
export function Entrance() {
  const queryKey = ["sandbox"];
  const queryFn = () => get("/v1/sandbox", { isWayIn: true });
  const { isSuccess: hasSandbox } = useQuery({ queryKey, queryFn, retry: false });
  return (
    <div className="grid min-h-dvh grid-rows-[1fr_auto] justify-items-center px-4">
      <main id="main" className="flex w-full max-w-[26rem] flex-col justify-center gap-6 py-10">
        <div className="flex items-center gap-2.5">
          <Mark size={28} />
          <span className="text-lg font-semibold tracking-tight">ZeroRace</span>
        </div>
        <Outlet />
      </main>
      <footer className="flex gap-4 pb-6 text-sm text-mute">
        <a className="inline-flex min-h-6 items-center hover:text-ink hover:underline" href="/docs">
          Docs
        </a>
        <a
          className="inline-flex min-h-6 items-center hover:text-ink hover:underline"
          href="/reference"
        >
          API reference
        </a>
        {hasSandbox && (
          <a
            className="inline-flex min-h-6 items-center hover:text-ink hover:underline"
            href="/sandbox"
          >
            Sandbox
          </a>
        )}
      </footer>
    </div>
  );
}
