import type { Config } from "../base/config.ts";
import { claimHours, makeClaimLink } from "../entrance/claim.ts";
import { linkTo } from "../people/wire.ts";
import { json, type Command } from "./command.ts";
import { operator } from "./operator.ts";
import { withDatabase } from "./with-database.ts";

export const claimLinkCommand: Command = {
  name: "claim-link",
  summary: "Print a link that makes its first user the operator of this instance.",
  options: {
    again: {
      says: "Also when the instance is claimed: whoever uses the link takes the operator's place.",
    },
    json,
  },
  examples: [
    ["claim-link", "for the first user; a link that was printed before ends"],
    ["claim-link --again", "when the operator is gone for good"],
  ],
  run: (call) =>
    withDatabase(call, async (db) => {
      const { values, config, terminal } = call;
      const replacesOperator = values.again === true;
      const made = await makeClaimLink(db, { actor: operator(), replacesOperator });
      if (made.kind !== "made") {
        throw new Error(
          "This instance is claimed. A forgotten password: zerorace people recover --email EMAIL. " +
            "Another operator in place of the one there is: zerorace claim-link --again.",
        );
      }
      const base = baseOf(config);
      const link = linkTo(base, "claim", made.token);
      if (values.json === true) {
        terminal.result(JSON.stringify({ link, token: made.token, hours: claimHours }));
        return true;
      }
      if (replacesOperator) {
        terminal.say(
          "Whoever uses this link becomes instance operator; the one there is now, if any, ends to be it.",
        );
      }
      const [, ...rest] = claimLines(base, made.token);
      terminal.result(link);
      terminal.say(rest.join("\n"));
      return true;
    }),
};

/** Where people reach the server that runs with these settings. */
export function baseOf({ publicUrl, host, port }: Config): string {
  if (publicUrl !== undefined) return publicUrl;
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}

/** Too short to be taken: whoever pastes it unread is told. */
export const passwordToChoose = "CHOOSE ONE";

/** The link is for a browser; below it the same for a shell. */
export function claimLines(base: string, token: string): readonly string[] {
  return [
    `  ${linkTo(base, "claim", token)}`,
    "",
    `Good once, for ${claimHours} hours, in a browser. Or from a shell:`,
    "",
    ...curlTo(base, "/v1/claim", {
      token,
      organisation: "My company",
      name: "My name",
      email: "me@example.com",
      password: passwordToChoose,
    }),
  ];
}

/** What does with curl what the page behind a link would do. */
export function curlTo(base: string, path: string, body: Record<string, string>): string[] {
  const fields = Object.entries(body).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return [
    `  curl -c session.txt ${base}${path} -H "Content-Type: application/json" -d '{`,
    ...fields.map((field, at) => `    ${field}${at < fields.length - 1 ? "," : ""}`),
    "  }'",
  ];
}
