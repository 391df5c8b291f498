import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, type TestApi } from "../testing/api.ts";
import { send } from "../testing/browser.ts";
import { runCommand } from "../testing/command-line.ts";

const password = "correct horse battery";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const run = (...args: string[]) =>
  runCommand(args, {
    ZERORACE_DATABASE_URL: api.database.url,
    ZERORACE_PUBLIC_URL: "https://shop.example",
  });

const tokenIn = (out: string): string => /#(zrl_[\w-]{43})\n$/.exec(out)?.[1] ?? "none";

describe("people at the command line", () => {
  it("claim, join, change roles, recover and leave", async () => {
    const link = await run("claim-link");
    expect(link.out).toMatch(/^https:\/\/shop\.example\/claim#zrl_[\w-]{43}\n$/);
    expect(link.err).toContain("curl -c session.txt https://shop.example/v1/claim");
    const ann = { organisation: "Acme", name: "Ann", email: "ann@example.com", password };
    const claimed = await send(api, "/v1/claim", { body: { token: tokenIn(link.out), ...ann } });
    expect(claimed.status).toBe(201);
    const again = await run("claim-link");
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toContain("zerorace people recover");

    const acme = ["--organisation", "Acme"];
    const invite = ["people", "invite", ...acme, "--email", "Bob@Example.com"];
    const invited = await run(...invite, "--role", "finance");
    expect(invited.out).toMatch(/^https:\/\/shop\.example\/join#/);
    const bob = { token: tokenIn(invited.out), name: "Bob", password };
    expect((await send(api, "/v1/sign-up", { body: bob })).body).toMatchObject({ role: "finance" });

    const list = await run("people", "list", ...acme);
    expect(list.out).toMatch(/ann@example.com +Ann +owner, instance operator/);
    expect(list.out).toMatch(/bob@example.com +Bob +finance/);
    const role = ["people", "role", "--email", "bob@example.com", "--role"];
    expect((await run(...role, "owner")).out).toBe("bob@example.com is owner of Acme.\n");

    const recovery = await run("people", "recover", "--email", "ann@example.com", "--json");
    const { token } = JSON.parse(recovery.out) as { token: string };
    const body = { token, password: "another good password" };
    expect((await send(api, "/v1/recoveries/use", { body })).status).toBe(200);

    const gone = await run("people", "remove", "--email", "ann@example.com", "--reason", "left");
    expect(gone).toMatchObject({ code: 0, out: "ann@example.com is removed from Acme.\n" });
    expect(gone.err).toContain("zerorace claim-link");
    expect(await run(...role, "viewer")).toMatchObject({ code: 1, out: "" });
    const json = await run("people", "list", ...acme, "--json");
    expect(JSON.parse(json.out)).toMatchObject({ people: [{ name: "Bob", role: "owner" }] });
    expect((await run("claim-link", "--json")).code).toBe(0);
  }, 60_000);

  it.each([
    [["people"], 2, "is one of: people list, people invite"],
    [["people", "list"], 2, "--organisation is missing"],
    [["people", "list", "--organisation", "Nowhere"], 1, "no organisation"],
    [["people", "invite", "--email", "x"], 2, "--email must be an address"],
    [["people", "invite", "--email", "x@y.z", "--role", "viewer"], 2, "leave --role away"],
    [["people", "role", "--email", "x@y.z"], 2, "--role is missing"],
    [["people", "role", "--email", "x@y.z", "--role", "boss"], 2, "--role must be one of owner"],
    [["people", "recover", "--email", "nobody@y.z"], 1, "Nobody has an account"],
    [["people", "remove", "--email", "nobody@y.z"], 1, "Nobody has an account"],
    [["claim-link", "--agian"], 2, "has no option --agian"],
  ])("answer %j with %i and a sentence", async (args, code, says) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ code, out: "" });
    expect(ended.err).toContain(says);
    expect(ended.err).not.toContain("    at ");
  });
});
