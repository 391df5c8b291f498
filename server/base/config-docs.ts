import { settings } from "./settings.ts";

const rows = Object.values(settings);

/** `docs/reference/config.md`. */
export function configReference(): string {
  const table = rows.map(({ name, parser, fallback, says, secret }) => {
    const also = secret ? ` Secret: \`${name}_FILE\` may name a file that holds it.` : "";
    const value = fallback === undefined ? "not set" : `\`${fallback}\``;
    return `| \`${name}\` | ${parser.form} | ${value} | ${says}${also} |`;
  });
  return [
    "# Settings",
    "",
    "Written by `npm run generate` from the table in `server/base/config.ts`.",
    "",
    "Settings come from the environment. An unknown `ZERORACE_…` name, a malformed value or a missing",
    "one stops the start; all complaints are shown at once. `zerorace config` shows what is in force,",
    "with the secrets masked.",
    "",
    "| Name | Value | Default | What it is |",
    "| --- | --- | --- | --- |",
    ...table,
    "",
  ].join("\n");
}

/** `.env.example`: everything that may be set, commented out with its default. */
export function envExample(): string {
  const blocks = rows.map(({ name, parser, fallback, says }) =>
    [`# ${says}`, `# Form: ${parser.form}`, `#${name}=${fallback ?? ""}`, ""].join("\n"),
  );
  return ["# Written by `npm run generate` from server/base/config.ts.", "", ...blocks].join("\n");
}
