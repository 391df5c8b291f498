import { useQuery } from "@tanstack/react-query";
import type { InstanceView } from "../../../../server/instance/wire.ts";
import type { RunView } from "../../../../server/runs/wire.ts";
import { get } from "../../api/client.ts";
import type { Problem } from "../../api/problem.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { Choice } from "../../ui/Choice.tsx";
import { Input } from "../../ui/Field.tsx";
import type { RunsSearch } from "./search.ts";

export const faultNames = ["cutPercent", "lostCommitPercent", "slowMs", "homeAway"] as const;
export type FaultTexts = Readonly<Record<(typeof faultNames)[number], string>>;

export function faultsOf(search: RunsSearch): FaultTexts {
  const text = (value: number | undefined): string => (value === undefined ? "" : String(value));
  return {
    cutPercent: text(search.cut),
    lostCommitPercent: text(search.lost),
    slowMs: text(search.slow),
    homeAway: search.away === 1 ? "on" : "",
  };
}

/** Where the dialog stands that does the same to another run. */
export function searchOfFaults(faults: RunView["faults"]): RunsSearch {
  const { cutPercent, lostCommitPercent, slowMs, homeAway } = faults ?? {};
  return {
    ...(cutPercent !== undefined && { cut: cutPercent }),
    ...(lostCommitPercent !== undefined && { lost: lostCommitPercent }),
    ...(slowMs !== undefined && { slow: slowMs }),
    ...(homeAway === true && { away: 1 }),
  };
}

/** To the instance operator, where the server does them: else they are not spoken of. */
export function useOfferedFaults(): InstanceView | undefined {
  const reason = useReasonAgainst("instance:write");
  const { data } = useQuery({
    queryKey: ["instance"],
    queryFn: ({ signal }) => get<InstanceView>("/v1/instance", { signal }),
    enabled: reason === undefined,
  });
  return reason === undefined && data?.runFaults === true ? data : undefined;
}

export function FaultFields({
  offered: { regions },
  texts,
  problem,
  onSet,
}: {
  readonly offered: InstanceView;
  readonly texts: FaultTexts;
  readonly problem: Problem | undefined;
  readonly onSet: (name: keyof FaultTexts, value: string) => void;
}) {
  const field = (name: keyof FaultTexts) => ({
    name,
    pointer: `/faults/${name}`,
    problem,
    value: texts[name],
    inputMode: "numeric" as const,
    autoComplete: "off",
    onChange: (event: { target: { value: string } }) => onSet(name, event.target.value),
  });
  const [home = "", other] = regions;
  return (
    <details open={faultNames.some((name) => texts[name] !== "")}>
      <summary className="w-fit text-mute hover:text-ink">Faults, on purpose</summary>
      <p className="mt-2 text-sm text-mute">
        Done to the connections of this run alone. The promises must hold all the same.
      </p>
      <div className="mt-3 grid grid-cols-2 gap-4">
        <Input label="Cut, of a hundred" hint="Round trips." {...field("cutPercent")} />
        <Input label="Lost, of a hundred" hint="Commits." {...field("lostCommitPercent")} />
        <Input label="Slower by" hint="Milliseconds a round trip." {...field("slowMs")} />
      </div>
      {other !== undefined && (
        <Choice
          className="mt-3"
          name="homeAway"
          checked={texts.homeAway === "on"}
          onChange={(event) => onSet("homeAway", event.target.checked ? "on" : "")}
          hint="From a quarter of the agents on, until five eighths."
        >
          Take {home} away for a while
        </Choice>
      )}
    </details>
  );
}
