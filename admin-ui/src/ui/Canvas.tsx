import { useEffect, useRef } from "react";

/** Draws on a surface of this size, in pixels of the page. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;

/**
 * A picture that is drawn anew when `draw` is another one, when its box changes and with the theme. Its
 * label says in words what it shows; the figures belong into a table beside it.
 */
export function Canvas({
  label,
  heightFor,
  draw,
}: {
  readonly label: string;
  readonly heightFor: (width: number) => number;
  readonly draw: Draw;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef({ draw, heightFor });
  useEffect(() => {
    latest.current = { draw, heightFor };
    if (canvas.current) paint(canvas.current, latest.current);
  }, [draw, heightFor]);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const again = (): void => paint(element, latest.current);
    const sizes = new ResizeObserver(again);
    sizes.observe(element.parentElement ?? element);
    const themes = new MutationObserver(again);
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
    };
  }, []);
  return (
    <div className="w-full min-w-0">
      <canvas ref={canvas} role="img" aria-label={label} className="block rounded-sm" />
    </div>
  );
}

interface Given {
  readonly draw: Draw;
  readonly heightFor: (width: number) => number;
}

function paint(canvas: HTMLCanvasElement, { draw, heightFor }: Given): void {
  const width = canvas.parentElement?.clientWidth ?? 0;
  const context = canvas.getContext("2d");
  if (width === 0 || !context) return;
  const height = heightFor(width);
  const scale = Math.min(2, devicePixelRatio);
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  // Setting the size throws the surface away and makes another.
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  draw(context, width, height);
}

const colors = new Map<string, string>();

/** A colour of the style sheet, as it is in the theme of now: `themeColor("--sold")`. */
export function themeColor(name: string): string {
  const key = `${document.documentElement.dataset.theme ?? ""}${name}`;
  const known = colors.get(key);
  if (known !== undefined) return known;
  const found = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  colors.set(key, found);
  return found;
}
