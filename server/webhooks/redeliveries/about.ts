import { pageQuery } from "../../http/list.ts";
import type { About } from "../../http/route.ts";
import { nothing } from "../../http/shapes.ts";
import * as wire from "./wire.ts";

export const aboutBegin: About = {
  summary: "Redeliver events of a webhook",
  says: "What failed or was skipped since then, and what waits for its next attempt, is due at once, from the beginning of the schedule. 500 deliveries are looked at before the answer; a worker goes on with the rest, and the redelivery says how far it is.",
  body: wire.redeliverBody,
  key: "required",
  answers: { 201: wire.redeliveryView },
  problems: ["UNKNOWN_WEBHOOK", "WEBHOOK_DISABLED", "KEY_REUSED"],
};

export const aboutList: About = {
  summary: "List redeliveries of a webhook",
  query: pageQuery,
  answers: { 200: wire.redeliveryList },
  problems: ["UNKNOWN_WEBHOOK"],
};

export const aboutShow: About = {
  summary: "Get a redelivery",
  says: "With how far it is.",
  answers: { 200: wire.redeliveryView },
  problems: ["UNKNOWN_REDELIVERY"],
};

export const aboutStop: About = {
  summary: "Stop a redelivery",
  says: "What is due by then stays due. One that is over stays as it is.",
  body: nothing,
  answers: { 200: wire.redeliveryView },
  problems: ["UNKNOWN_REDELIVERY"],
};
