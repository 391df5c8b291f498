import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { roles, scopesOfRole } from "./auth/roles.ts";
import { scopes, scopesOfPeople } from "./auth/scopes.ts";
import { makeClaimLink } from "./entrance/claim.ts";
import { startApi, type TestApi } from "./testing/api.ts";

const page = fileURLToPath(new URL("../docs/how-to/people.md", import.meta.url));
const run = promisify(execFile);

let api: TestApi;
let text: string;
beforeAll(async () => {
  api = await startApi();
  text = await readFile(page, "utf8");
});
afterAll(() => api.close());

it("the commands of the page about people do what it says", async () => {
  const made = await makeClaimLink(api.database.db, { actor: { kind: "command", id: "test" } });
  let token = made.kind === "made" ? made.token : "";
  const cwd = await mkdtemp(join(tmpdir(), "zerorace-people-"));
  const answers: Record<string, unknown>[] = [];
  for (const [, block = ""] of text.matchAll(/^```sh\n(.*?)^```$/gms)) {
    for (const command of block.split(/^(?=curl )/m)) {
      const real = command.replaceAll("http://127.0.0.1:8080", api.url).replace("zrl_…", token);
      const { stdout } = await run("sh", ["-c", real], { cwd });
      const answer = JSON.parse(stdout) as Record<string, unknown>;
      if (typeof answer.token === "string") ({ token } = answer as { token: string });
      answers.push(answer);
    }
  }
  await rm(cwd, { recursive: true });
  const ann = { role: "owner", person: { email: "ann@example.com", isInstanceOperator: true } };
  expect(answers).toMatchObject([
    ann,
    ann,
    ann,
    { data: [{ isThis: true }, { isThis: false }] },
    { data: [{ email: "ann@example.com", role: "owner" }] },
    { email: "bob@example.com", role: "finance" },
    { role: "finance", person: { email: "bob@example.com", name: "Bob" } },
  ]);
});

it("its table of roles is the one that is obeyed", () => {
  const rows = [...text.matchAll(/^\| `([a-z]+:[a-z]+)` +\|(.*)\|$/gm)];
  const told = rows.map(([, scope, cells = ""]) => [
    scope,
    cells.split("|").map((cell) => cell.trim() === "yes"),
  ]);
  const obeyed = told.map(([scope]) => [
    scope,
    roles.map((role) => (scopesOfRole[role] as readonly unknown[]).includes(scope)),
  ]);
  expect(told).toEqual(obeyed);
  const names = rows.map(([, scope = ""]) => scope);
  expect(names.sort()).toEqual([...scopes, ...scopesOfPeople].sort());
});
