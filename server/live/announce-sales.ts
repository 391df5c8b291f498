import type { Kernel } from "../kernel/gather.ts";
import type { Answer, Ask } from "../kernel/types.ts";
import type { Tells } from "./announce.ts";

/** The same kernel, whose sales are told to those who watch; behind the answer, which waits for nothing. */
export function announceSales(kernel: Kernel, tells: Tells): Kernel {
  return {
    async ask(ask) {
      const answer = await kernel.ask(ask);
      if ((answer.kind === "granted" || answer.kind === "declined") && !answer.replayed) {
        tell(tells, ask, answer);
      }
      return answer;
    },
    close: () => kernel.close(),
  };
}

function tell(tells: Tells, ask: Ask, { kind, id }: Extract<Answer, { id: string }>): void {
  const { tenantId } = ask;
  if (kind === "declined") {
    // Nothing changed but the list of what was asked.
    tells.change(tenantId, "purchases");
    return;
  }
  tells.change(tenantId, "purchases", "purchaseId" in ask ? ask.purchaseId : id);
  if (!("mandateId" in ask)) return;
  tells.change(tenantId, "mandates", ask.mandateId);
  for (const { itemId } of ask.lines) tells.change(tenantId, "items", itemId);
}
