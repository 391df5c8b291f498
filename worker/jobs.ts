import type { Job } from "./job.ts";
import { project } from "./jobs/project.ts";
import { tellTotals } from "./jobs/tell-totals.ts";
import { tellWebhooks } from "./jobs/tell-webhooks.ts";

/** A new job is a file of its own in jobs/ and a name here. */
export const jobs: readonly Job[] = [project, tellTotals, tellWebhooks];
