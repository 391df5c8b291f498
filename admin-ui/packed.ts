import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const pack = { br: promisify(brotliCompress), gz: promisify(gzip) };

/** Packs every file once, at the build: to do it for each request takes longer than to send it. */
export function packed(): Plugin {
  let dir = "";
  return {
    name: "packed",
    apply: "build",
    configResolved(config) {
      dir = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith("/")) dir = config.build.outDir;
    },
    async closeBundle() {
      const names = await readdir(dir, { recursive: true });
      const texts = names.filter((name) => /\.(js|css|html|svg|txt)$/.test(name));
      await Promise.all(texts.map((name) => packOne(join(dir, name))));
    },
  };
}

async function packOne(path: string): Promise<void> {
  const bytes = await readFile(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  await writeFile(`${path}.br`, await pack.br(bytes, { params }));
  await writeFile(`${path}.gz`, await pack.gz(bytes, { level: 9 }));
}
