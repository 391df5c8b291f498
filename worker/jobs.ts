import type { Job } from "./job.ts";
import { project } from "./jobs/project.ts";
import { tellTotals } from "./jobs/tell-totals.ts";
import { tellWebhooks } from "./jobs/tell-webhooks.ts";

/**
 * A new job is a file of its own in jobs/ and a name here. An event goes to every job that hears of it, in
 * this order: while DynamoDB is away, webhooks are told.
 */
export const jobs: readonly Job[] = [tellWebhooks, project, tellTotals];
