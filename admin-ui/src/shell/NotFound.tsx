import { Link, useLocation } from "@tanstack/react-router";
import { useSessionIfAny } from "../api/session.ts";
import { Button, buttonClass } from "../ui/Button.tsx";
import { Page } from "../ui/Page.tsx";
import { usePageTitle } from "./page-title.ts";
import { useScreens } from "./screens.ts";

export function NotFound() {
  const { pathname } = useLocation();
  usePageTitle("Not found");
  const words = pathname
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .slice(0, 100);
  return (
    <Page title="There is no such page">
      <p className="max-w-[46rem]">
        Nothing is at <code className="font-mono break-all">{pathname}</code>. The address may have
        been mistyped, or be of another version.
      </p>
      {useSessionIfAny() && <Alike words={words} />}
      <form action="/docs/search" className="flex max-w-[34rem] flex-wrap items-end gap-2">
        <label className="min-w-48 flex-1">
          <span className="mb-1 block text-sm text-mute">Search the docs</span>
          <input className="control" type="search" name="q" defaultValue={words} maxLength={200} />
        </label>
        <Button type="submit" icon="search">
          Search
        </Button>
      </form>
      <p>
        <Link to="/" className={buttonClass("primary")}>
          Go to the overview
        </Link>
      </p>
    </Page>
  );
}

/** Screens whose names begin as a word of the address does. */
function Alike({ words }: { readonly words: string }) {
  const beginnings = words
    .toLowerCase()
    .split(" ")
    .filter((word) => word.length >= 3)
    .map((word) => word.slice(0, 4));
  const links = useScreens()
    .flatMap((group) => group.links)
    .filter(({ path, title }) =>
      beginnings.some((word) => ` ${path.slice(1)} ${title}`.toLowerCase().includes(` ${word}`)),
    );
  if (links.length === 0) return null;
  return (
    <p>
      Did you mean{" "}
      {links.map(({ path, title }, at) => (
        <span key={path}>
          {at > 0 && " or "}
          <Link to={path as "/"} className="underline">
            {title}
          </Link>
        </span>
      ))}
      ?
    </p>
  );
}
