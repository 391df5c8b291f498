import type { About } from "../http/route.ts";
import * as wire from "./wire.ts";

const params = { id: wire.agentField };
const counted =
  "Counted from the asks, some half a minute behind them (`asOf`); nothing is decided by it.";

export const aboutList: About = {
  summary: "List agents",
  says: `Who asked to buy something, the last one first. ${counted}`,
  query: wire.listQuery,
  answers: { 200: wire.agentList },
  problems: ["VALIDATION_FAILED", "BAD_CURSOR"],
};

export const aboutShow: About = {
  summary: "Get an agent",
  says: `By the name that it gives itself; one that never asked has asked nothing. ${counted}`,
  params,
  answers: { 200: wire.wholeAgentView },
  problems: ["UNKNOWN_AGENT", "CREDENTIALS_IN_URL"],
};

export const aboutBlock: About = {
  summary: "Block an agent",
  says:
    "Once this is answered the agent buys and holds nothing more, whatever was under way: its asks are " +
    "declined with `AGENT_BLOCKED`. What it held before can still be captured. An agent is a name: one " +
    "that can choose its name is stopped by its key or its mandate.",
  params,
  body: wire.blockBody,
  key: "optional",
  answers: { 200: wire.wholeAgentView },
  problems: ["KEY_NOT_FOR_AGENT", "KEY_NOT_FOR_MANDATE", "UNKNOWN_AGENT", "CREDENTIALS_IN_URL"],
};

export const aboutUnblock: About = {
  summary: "Unblock an agent",
  says: "Its next ask is decided as any other. Asks that were declined stay so under their keys.",
  params,
  body: wire.blockBody,
  key: "optional",
  answers: { 200: wire.wholeAgentView },
  problems: ["KEY_NOT_FOR_AGENT", "KEY_NOT_FOR_MANDATE", "UNKNOWN_AGENT", "CREDENTIALS_IN_URL"],
};
