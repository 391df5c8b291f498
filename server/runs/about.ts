import { pageQuery } from "../http/list.ts";
import type { About } from "../http/route.ts";
import { nothing } from "../http/shapes.ts";
import { runBody, runList, runView } from "./wire.ts";

export const aboutCreate: About = {
  summary: "Start a run",
  says:
    "Agents, each of whom wants one unit, all at once: in a world of its own, through connections of its " +
    "own, by the kernel that everybody buys from. Runs are done one at a time on all servers together; " +
    "one that is asked for meanwhile waits as `queued`. To watch it, listen to the topics `run:<id>` " +
    "and `runs` of `/v1/stream`. The sizes and the `seed` of a run are all that it takes to repeat it.",
  body: runBody,
  key: "required",
  answers: { 201: runView },
  problems: ["TOO_MANY_RUNS", "FORBIDDEN"],
};

export const aboutList: About = {
  summary: "List runs",
  query: pageQuery,
  answers: { 200: runList },
};

export const aboutShow: About = {
  summary: "Get a run",
  says: "With the last that was seen of it and, when it is over, its report.",
  answers: { 200: runView },
  problems: ["UNKNOWN_RUN"],
};

export const aboutStop: About = {
  summary: "Stop a run",
  says:
    "One that waits is over at once. One that goes on asks no more, hears the answers that are on their " +
    "way, and reports what there was, with the proof of it. One that is over stays as it is.",
  body: nothing,
  answers: { 200: runView },
  problems: ["UNKNOWN_RUN"],
};
