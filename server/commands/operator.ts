import { userInfo } from "node:os";
import type { Actor } from "../audit/entry.ts";

/** Who sits at the command line, for the audit log. A container's user may have no name. */
export function operator(): Actor {
  try {
    return { kind: "command", id: userInfo().username };
  } catch {
    return { kind: "command", id: `uid ${process.getuid?.() ?? "unknown"}` };
  }
}
