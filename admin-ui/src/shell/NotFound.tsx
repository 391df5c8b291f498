import { Link, useLocation } from "@tanstack/react-router";
import { buttonClass } from "../ui/Button.tsx";
import { Page } from "../ui/Page.tsx";
import { usePageTitle } from "./page-title.ts";

export function NotFound() {
  const { pathname } = useLocation();
  usePageTitle("Not found");
  return (
    <Page title="There is no such page">
      <p className="max-w-[46rem]">
        Nothing is at <code className="font-mono break-all">{pathname}</code>. The address may have
        been mistyped, or be of another version.
      </p>
      <p>
        <Link to="/" className={buttonClass("primary")}>
          Go to the overview
        </Link>
      </p>
    </Page>
  );
}
