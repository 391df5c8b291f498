import { formatMoment } from "../../ui/format.ts";
import { useNow } from "../../ui/Figures.tsx";

/** How far the asks are counted. */
export function AsOf({ at }: { readonly at: string | null }) {
  const now = useNow();
  if (at === null) return <span className="text-sm">Nothing is counted yet</span>;
  return (
    <span
      className="text-sm"
      title="Asks are counted half a minute after they were made; nothing is decided by it."
    >
      Counted up to an ask of {formatMoment(at, now)}
    </span>
  );
}
