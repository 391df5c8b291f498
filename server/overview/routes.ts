import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { readFirstSteps } from "./first-steps.ts";
import { openVerdict } from "./verdict.ts";
import { firstStepsView, proofView, viewOfFirstSteps, viewOfProof } from "./wire.ts";

/** What the first page of the console asks. */
export function overviewRoutes({ db }: Context): readonly Route[] {
  const verdictFor = openVerdict(db);
  return [
    {
      method: "get",
      path: "/v1/tenant/proof",
      needs: "purchases:read",
      about: {
        summary: "Show the tenant's proof",
        says: "What the worker found when it last looked, invariant by invariant: it goes through them in turn, for as long as one runs. `zerorace prove` looks at all of them now, in one snapshot.",
        answers: { 200: proofView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const found = await verdictFor(callerOf(res).tenantId);
        sendJson(res, 200, JSON.stringify(viewOfProof(found)));
      },
    },
    {
      method: "get",
      path: "/v1/tenant/first-steps",
      needs: "session:own",
      about: {
        summary: "Show the first steps",
        says: "Which of the steps of a newcomer this tenant has taken, and a purchase that it could make next.",
        answers: { 200: firstStepsView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const steps = await readFirstSteps(db, callerOf(res).tenantId);
        sendJson(res, 200, JSON.stringify(viewOfFirstSteps(steps)));
      },
    },
  ];
}
