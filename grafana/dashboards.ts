import type { Dashboard } from "./panel.ts";
import { kernel } from "./boards/kernel.ts";
import { money } from "./boards/money.ts";
import { pipeline } from "./boards/pipeline.ts";
import { runtime } from "./boards/runtime.ts";

export const dashboards: readonly Dashboard[] = [money, kernel, pipeline, runtime];
