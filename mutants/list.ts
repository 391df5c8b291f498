import { commands } from "./commands.ts";
import { copies } from "./copies.ts";
import { decisions } from "./decisions.ts";
import { deaths } from "./deaths.ts";
import { frontDoor } from "./front-door.ts";
import { histories } from "./histories.ts";
import { interleavings } from "./interleavings.ts";
import { machinery } from "./machinery.ts";
import type { Mutant } from "./mutant.ts";
import { overload } from "./overload.ts";
import { pipeline } from "./pipeline.ts";
import { storms } from "./storms.ts";
import { told } from "./told.ts";
import { underFaults } from "./under-faults.ts";

export const mutants: readonly Mutant[] = [
  ...decisions,
  ...commands,
  ...machinery,
  ...frontDoor,
  ...pipeline,
  ...histories,
  ...copies,
  ...interleavings,
  ...overload,
  ...storms,
  ...told,
  ...deaths,
  ...underFaults,
];
