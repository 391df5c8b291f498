import { resetWhenDue } from "../../server/sandbox/reset.ts";
import type { Round } from "../round.ts";

/** A public sandbox fills up with what its visitors leave: each world has its time. */
export const resetSandbox: Round = {
  name: "reset-sandbox",
  everyMs: 30_000,
  async run({ db, config, log }) {
    const opened = await resetWhenDue(db, config);
    if (!opened) return 0;
    log.info({ tenantId: opened.tenantId }, "the sandbox's time was over: a new one is open");
    return 1;
  },
};
