import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { packed } from "./packed.ts";
import { screenPaths } from "./screen-paths.ts";

const server = "http://127.0.0.1:8080";

/** The font may be handed on with its licence only. */
const fontLicence: Plugin = {
  name: "font-licence",
  async generateBundle() {
    const path = new URL("../node_modules/@fontsource-variable/inter/LICENSE", import.meta.url);
    const source = await readFile(path, "utf8");
    this.emitFile({ type: "asset", fileName: "assets/inter-licence.txt", source });
  },
};

/**
 * The font is named in the style sheet, where the browser finds it late: text would be drawn twice, and
 * move. Only the one that is always needed.
 */
const fontEarly: Plugin = {
  name: "font-early",
  transformIndexHtml(_html, { bundle = {} }) {
    const file = Object.keys(bundle).find((name) => /inter-latin-wght-normal.*\.woff2$/.test(name));
    if (file === undefined) return [];
    const attrs = { rel: "preload", as: "font", type: "font/woff2", href: `/${file}` };
    return [{ tag: "link", attrs: { ...attrs, crossorigin: "" }, injectTo: "head" }];
  },
};

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react(), tailwindcss(), fontLicence, fontEarly, screenPaths(), packed()],
  build: {
    target: "es2023",
    // A data: address in a style sheet or a script would be content that the policy does not know.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    strictPort: true,
    // Only the API: pages are Vite's. The origin stays the browser's, or the server would refuse it.
    proxy: Object.fromEntries(
      ["/v1", "/docs", "/sandbox", "/llms", "/problems", "/reference", "/openapi.json"].map(
        (path) => [path, { target: server }],
      ),
    ),
  },
});
