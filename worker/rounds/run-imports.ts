import { workOnImports } from "../../server/imports/work.ts";
import type { Round } from "../round.ts";

/** Files are checked, made into things and undone piece by piece: who takes this up goes on with the next. */
export const runImports: Round = {
  name: "run-imports",
  everyMs: 1_000,
  run: (ctx, signal) => workOnImports(ctx, signal),
};
