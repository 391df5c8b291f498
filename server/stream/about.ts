import type { About } from "../http/route.ts";
import { streamQuery } from "./wire.ts";

export const aboutStream: About = {
  summary: "Listen to changes",
  says:
    "Server-sent events, for as long as the client listens. Events carry names, not contents: who " +
    "hears one reads what it names, and shows it if it is newer than what is shown. Each topic needs " +
    "its own scope, as `items:read`. The data of every event is a JSON object:\n\n" +
    "- `open`: from here on nothing is missed. What is shown should be read after it.\n" +
    "- `purchases`, `items`, `mandates`, `runs`, `summaries` (of a merchant or the tenant), `webhooks` (whose " +
    "deliveries changed): `ids` of what changed, and how many changes `more` there were " +
    "that are not named. At most ten events a second for each.\n" +
    "- `run`, of the topic `run:<id>`: the run's `frame` as it is now, ten times a second while it goes on. " +
    "Each replaces the one before; who reads slowly gets fewer.\n" +
    "- `gap`: something was missed, for the `reason` given: read again what is shown.\n" +
    "- `end`: the last event. `DRAINING` and `TIME`: come back; any other `reason` is the code of the " +
    "problem that the next request would meet.\n\n" +
    "With the header Last-Event-ID, which a browser sends by itself, what was missed meanwhile comes " +
    "first; where it is not known any more, a `gap`. Every 15 seconds comes an empty comment. Without " +
    "reading, a client loses events, which a `gap` tells, and after 30 seconds the connection.",
  query: streamQuery,
  answers: { 200: "text/event-stream" },
  problems: ["TOO_MANY_STREAMS"],
};
