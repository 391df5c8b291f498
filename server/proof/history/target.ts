import type { Db } from "../../db/open.ts";
import { sql } from "../../db/sql.ts";
import type { Tx } from "../../db/transact.ts";
import type { CommandResult } from "../../kernel/gate.ts";
import type { Kernel } from "../../kernel/gather.ts";
import * as items from "../../kernel/item-commands.ts";
import * as mandates from "../../kernel/mandate-commands.ts";
import type { Answer } from "../../kernel/types.ts";
import type { Asked, Command, Heard, Shelf } from "./history.ts";
import type { Outside } from "./outside.ts";
import { askOf } from "./recorder.ts";
import { saidOf } from "./said.ts";

/** Whoever is asked: kernels of this process, or a server over HTTP. */
export interface Target {
  ask(key: string, asked: Asked): Promise<Heard>;
  command(key: string, command: Command): Promise<Heard>;
  /** Kernels alone tell nobody, and note nothing. */
  readonly outside?: Outside;
}

/** Kernels of this process, one after the other, and commands on a database of their own. */
export function kernelTarget(kernels: readonly Kernel[], db: Db, shelf: Shelf): Target {
  let turn = 0;
  return {
    async ask(key, asked) {
      const kernel = kernels[turn++ % kernels.length];
      if (kernel === undefined) throw new Error("there is no kernel to ask");
      return heardOf(await kernel.ask(askOf(shelf, key, asked)));
    },
    async command(key, command) {
      const result = await commanded(db, shelf, key, command);
      return result.kind === "done"
        ? { outcome: "ok", what: "done" }
        : { outcome: "fail", what: result.code };
    },
  };
}

function heardOf(answer: Answer): Heard {
  switch (answer.kind) {
    case "granted":
    case "declined": {
      const { kind: what, id, text, replayed } = answer;
      return { outcome: "ok", what, id, said: saidOf(text), replayed };
    }
    case "rejected":
      return { outcome: "fail", what: answer.code };
    case "unknown":
      return { outcome: "info", what: "unknown" };
    case "conflict":
    case "exhausted":
    case "overloaded":
      return { outcome: "fail", what: answer.kind };
  }
}

function commanded(db: Db, shelf: Shelf, key: string, command: Command): Promise<CommandResult> {
  const { tenantId } = shelf;
  switch (command.kind) {
    case "pause":
      return mandates.pauseMandate(db, { tenantId, mandateId: command.mandateId });
    case "activate":
      return mandates.activateMandate(db, { tenantId, mandateId: command.mandateId });
    case "revoke":
      return mandates.revokeMandate(db, { tenantId, mandateId: command.mandateId });
    case "topUp":
      return mandates.topUp(db, {
        tenantId,
        mandateId: command.mandateId,
        amountMinor: BigInt(command.amountMinor),
      });
    case "close":
      return items.closeItem(db, { tenantId, itemId: command.itemId });
    case "open":
      return items.openItem(db, { tenantId, itemId: command.itemId });
    case "price":
      return items.setPrice(db, {
        tenantId,
        itemId: command.itemId,
        priceMinor: BigInt(command.priceMinor),
      });
    case "reshard":
      return items.reshardItem(db, { tenantId, itemId: command.itemId, buckets: command.buckets });
    case "restock":
      return items.adjustStock(
        db,
        { tenantId, itemId: command.itemId, quantity: BigInt(command.quantity), reason: key },
        // Sent again after doubt it must not count twice: its key is its reason.
        { recall: (tx) => wasMoved(tx, command.itemId, key), write: async () => undefined },
      );
  }
}

async function wasMoved(tx: Tx, itemId: string, reason: string): Promise<boolean> {
  const query = sql`select 1 from stock_moves where item_id = ${itemId} and reason = ${reason}`;
  return (await tx.rows(query)).length > 0;
}
