import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { environment } from "../../server/base/config.ts";

const names = ["chromium", "chromium-browser", "google-chrome"];

function findChromium(): string {
  const dirs = (environment().PATH ?? "").split(":");
  for (const path of names.flatMap((name) => dirs.map((dir) => join(dir, name)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one.
    }
  }
  throw new Error(
    "These tests need a Chromium on the PATH and there is none: apt-get install chromium",
  );
}

export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}
