import { readdir, readFile } from "node:fs/promises";
import type { Plugin } from "vite";

const src = new URL("src/", import.meta.url);

/** Writes down where there is a screen, so that the server can say 404 where there is none. */
export function screenPaths(): Plugin {
  return {
    name: "screen-paths",
    apply: "build",
    async generateBundle() {
      const names = (await readdir(src)).filter((name) => /routes\.tsx?$/.test(name));
      const texts = await Promise.all(names.map((name) => readFile(new URL(name, src), "utf8")));
      // They stand in a browser's modules, which cannot be run here. None is below another's.
      const paths = texts.flatMap((text) => [...text.matchAll(/\bpath: "(\/[^"]*)"/g)]);
      const source = JSON.stringify(paths.map(([, path]) => path));
      this.emitFile({ type: "asset", fileName: "screens.json", source });
    },
  };
}
