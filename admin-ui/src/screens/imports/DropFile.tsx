import { useId, useState, type ReactNode } from "react";
import { buttonClass } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Progress } from "../../ui/Progress.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import type { Sending } from "./send-file.ts";
import { sizeOf } from "./words.ts";

/** A place to drop a file, or to choose one; what goes wrong with it is told here. */
export function DropFile({
  label,
  sending,
  disabledReason,
  fault,
  children,
}: {
  readonly label: string;
  readonly sending: Sending;
  readonly disabledReason: string | undefined;
  /** What is wrong with a file, before anything is sent. */
  readonly fault?: (file: File) => string | undefined;
  readonly children: ReactNode;
}) {
  const [isOver, setOver] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const { file, bytes, problem, begin } = sending;
  const take = (chosen: File | undefined): void => {
    setOver(false);
    if (!chosen || disabledReason !== undefined) return;
    const says = chosen.size === 0 ? "This file is empty." : fault?.(chosen);
    setWrong(says);
    if (says === undefined) begin(chosen);
  };
  return (
    <div
      className={classNames(
        "flex flex-col items-center gap-3 rounded-lg border border-dashed px-6 py-8 text-center",
        isOver ? "border-accent bg-accent/8" : "border-mute/60 bg-sunk/40",
      )}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer.files[0]);
      }}
    >
      {bytes !== undefined && file ? (
        <div className="w-full max-w-[36rem]">
          <Progress
            label={`Uploading ${file.name}`}
            value={bytes}
            max={file.size}
            note={`${sizeOf(bytes)} of ${sizeOf(file.size)}`}
          />
        </div>
      ) : (
        <>
          <p className="max-w-[40rem] text-mute">{children}</p>
          <Chooser label={label} isOff={disabledReason !== undefined} onChoose={take} />
          {disabledReason !== undefined && <p className="text-sm text-mute">{disabledReason}</p>}
        </>
      )}
      {wrong !== undefined && (
        <p role="alert" className="text-bad">
          {wrong}
        </p>
      )}
      {problem && (
        <div className="w-full max-w-[40rem] text-start">
          <ProblemNote error={problem} />
        </div>
      )}
    </div>
  );
}

/** The browser's own field, under a label that looks like a button. */
function Chooser({
  label,
  isOff,
  onChoose,
}: {
  readonly label: string;
  readonly isOff: boolean;
  readonly onChoose: (file: File | undefined) => void;
}) {
  const id = useId();
  return (
    <>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        className="peer sr-only"
        disabled={isOff}
        onChange={(event) => {
          onChoose(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <label
        htmlFor={id}
        className={classNames(
          buttonClass("primary"),
          "peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent",
          isOff ? "cursor-not-allowed opacity-60" : "cursor-pointer",
        )}
      >
        {label}
      </label>
    </>
  );
}
