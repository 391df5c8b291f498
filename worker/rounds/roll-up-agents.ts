import { rollUpAllAgents } from "../../server/agents/roll-up.ts";
import type { Round } from "../round.ts";

const patienceMs = 10_000;

/** So that who looks at agents finds nearly all of their asks counted. */
export const countAgents: Round = {
  name: "roll-up-agents",
  everyMs: 30_000,
  run: ({ db }) => rollUpAllAgents(db, { deadlineAt: performance.now() + patienceMs }),
};
