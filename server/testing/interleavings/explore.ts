import type { Choose, Run } from "./play.ts";

interface Branch {
  readonly open: readonly number[];
  readonly taken: number;
}

const triesMax = 5;

/**
 * Every order in which the steps can come: each run follows the one before up to its last choice that
 * can still be made another way. `play` must set its scene anew. What could not be reached again, as
 * something outside the steps decided otherwise, is counted.
 */
export async function everyOrder(
  play: (choose: Choose) => Promise<Run>,
): Promise<{ unreached: number }> {
  let path: Branch[] = [];
  let unreached = 0;
  for (;;) {
    const followed = await follow(play, path);
    if (followed) path = [...path, ...followed.choices.slice(path.length)];
    else unreached += 1;
    const next = path.findLastIndex(({ open, taken }) => open.at(-1) !== taken);
    const branch = path[next];
    if (!branch) return { unreached };
    const taken = branch.open[branch.open.indexOf(branch.taken) + 1] ?? branch.taken;
    path = [...path.slice(0, next), { open: branch.open, taken }];
  }
}

async function follow(
  play: (choose: Choose) => Promise<Run>,
  path: readonly Branch[],
): Promise<Run | undefined> {
  for (let tries = 1; ; tries++) {
    let strayed = false;
    const run = await play((open, depth) => {
      const wanted = path[depth]?.taken;
      if (wanted !== undefined && open.includes(wanted)) return wanted;
      if (wanted !== undefined) strayed = true;
      return open[0] ?? 0;
    });
    if (!strayed) return run;
    if (tries === triesMax) return undefined;
  }
}

/** So many orders, drawn by a seed. */
export async function someOrders(
  play: (choose: Choose) => Promise<Run>,
  count: number,
  seed: number,
): Promise<{ unreached: number }> {
  let state = seed >>> 0;
  const luck = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let nth = 0; nth < count; nth++) {
    await play((open) => open[Math.floor(luck() * open.length)] ?? 0);
  }
  return { unreached: 0 };
}
