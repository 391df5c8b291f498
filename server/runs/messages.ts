import type { FaultCounts } from "../db/faulty.ts";
import type { PlaceConfig } from "../db/place.ts";
import type { KernelSettings } from "../kernel/gather.ts";
import type { SwarmReport } from "../proof/swarm-report.ts";
import type { RunSizes } from "./store.ts";
import type { RunFaults, RunFrame } from "./wire.ts";

/** What a server and the process beside it that does a run say to each other. */

export interface Task {
  readonly place: PlaceConfig;
  readonly sizes: RunSizes;
  readonly seed: number;
  readonly kernel: Partial<KernelSettings>;
  readonly faults: RunFaults | undefined;
}

export type ToChild = { readonly kind: "start"; readonly task: Task } | { readonly kind: "stop" };

export type FromChild =
  | { readonly kind: "world"; readonly tenantId: string }
  | { readonly kind: "frame"; readonly frame: RunFrame }
  | {
      readonly kind: "done";
      readonly report: SwarmReport & { readonly faults?: Readonly<FaultCounts> };
    }
  | { readonly kind: "failed"; readonly says: string };
