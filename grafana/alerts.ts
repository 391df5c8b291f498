import type { Alert } from "./alert.ts";
import { afterwards } from "./alerts/afterwards.ts";
import { database } from "./alerts/database.ts";
import { front } from "./alerts/front.ts";
import { safe } from "./alerts/safe.ts";

export const alerts: readonly Alert[] = [...safe, ...front, ...database, ...afterwards];
