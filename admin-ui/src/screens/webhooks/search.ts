import { textsIn, type Search } from "../../search.ts";

const names = ["state", "event", "from", "to", "tab", "act", "test"] as const;
export type WebhookSearch = Search<(typeof names)[number]>;

export const readWebhookSearch = textsIn(...names);
