import type { Mutant } from "./mutant.ts";

const silence = "server/db/silence.db.test.ts";
const lookout = "server/db/lookout.ts";

/** What keeps a slow or silent database from becoming a slow or silent server. */
export const overload: readonly Mutant[] = [
  {
    name: "readers wait in a line without an end",
    changes: [
      {
        file: "server/db/regions.ts",
        find: "return performance.now() - first > crowdedMs;",
        replace: "return performance.now() - first > Infinity;",
      },
    ],
    caughtBy: ["server/http/overload.db.test.ts", "readers are refused"],
  },
  {
    name: "asks wait in a line without an end",
    changes: [
      {
        file: "server/kernel/gather.ts",
        find: "this.#queue.length >= this.#settings.queueMax",
        replace: "this.#queue.length >= Infinity",
      },
    ],
    caughtBy: ["server/http/memory.db.test.ts", "stays within its memory"],
  },
  {
    name: "who writes is refused in a crowd too",
    changes: [
      {
        file: "server/db/transact.ts",
        find: "if (options.readOnly) refuseInCrowd(db, name);",
        replace: "refuseInCrowd(db, name);",
      },
    ],
    caughtBy: [silence, "writes keep their place"],
  },
  {
    name: "a read whose end was not heard is called unknown",
    changes: [
      {
        file: "server/db/transact.ts",
        find: "faultOf(error, atCommit && !options.readOnly)",
        replace: "faultOf(error, atCommit)",
      },
    ],
    caughtBy: [silence, "never called unknown"],
  },
  {
    name: "connections that lead nowhere are tried one after the other",
    changes: [
      {
        file: "server/db/transact.ts",
        find: "if (error instanceof DeadlineError) region.distrust();",
        replace: "",
      },
    ],
    caughtBy: [silence, "falls silent is the last"],
  },
  {
    name: "a connection that does not open is waited for",
    changes: [
      {
        file: "server/db/open.ts",
        find: "Math.min(given, handshakeMs)",
        replace: "Math.max(given, handshakeMs)",
      },
    ],
    caughtBy: [silence, "given up for it"],
  },
  {
    name: "nobody looks whether a silent database is back",
    changes: [{ file: lookout, find: "void this.#probe();", replace: "" }],
    caughtBy: [silence, "freed by a new one"],
  },
  {
    name: "a transaction from before a silence waits for its own limit",
    changes: [{ file: lookout, find: "of this.#works) {", replace: "of [] as Work[]) {" }],
    caughtBy: [silence, "so is who waits"],
  },
  {
    name: "a transaction that is slow is taken for one that is lost",
    changes: [
      {
        file: lookout,
        find: "if (lost && since < probe.since && openedAt < lost.since)",
        replace: "if (since < probe.since)",
      },
    ],
    caughtBy: [silence, "only slow is not left"],
  },
  {
    name: "a new connection's greeting is waited for without an end",
    changes: [
      {
        file: "server/db/open.ts",
        find: 'if (greeting !== "") await greeted(client as Client);',
        replace: 'if (greeting !== "") await client.query(greeting);',
      },
    ],
    caughtBy: [silence, "greeting that nobody hears"],
  },
  {
    name: "what is over is decided by the clock of this process",
    changes: [
      {
        file: "server/kernel/load-rows.ts",
        find: "nowMs: Number(found[0]?.[2] ?? 0n)",
        replace: "nowMs: Number(found[0]?.[2] ?? 0n) * 0 + Date.now()",
      },
    ],
    caughtBy: ["server/kernel/clock.db.test.ts", "when the database says so"],
  },
  {
    name: "a standby that nobody waits for is not noticed",
    changes: [
      {
        file: "server/db/standby.ts",
        find: "current_setting('synchronous_standby_names') = ''",
        replace: "current_setting('synchronous_standby_names') = 'none'",
      },
    ],
    caughtBy: ["server/proof/faults/durability.db.test.ts", "is warned of before"],
  },
];
