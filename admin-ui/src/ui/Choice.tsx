import { useId, type InputHTMLAttributes, type ReactNode } from "react";
import { classNames } from "./class-names.ts";

export interface ChoiceProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "type"> {
  /** One of several that share a name; without it, a box to tick. */
  readonly radio?: boolean;
  /** The words beside it, which choose it too. */
  readonly children: ReactNode;
  readonly hint?: ReactNode;
  /** Why it cannot be chosen now: it stands where the hint would. */
  readonly disabledReason?: string | undefined;
}

/** A box or a radio with its words. The row alone is high enough for a finger, whatever the font. */
export function Choice(props: ChoiceProps) {
  const { radio = false, children, hint, disabledReason, className, ...rest } = props;
  const noteId = useId();
  const isOff = disabledReason !== undefined || rest.disabled === true;
  const note = disabledReason ?? hint;
  return (
    <div className={classNames("flex min-w-0 flex-col", className)}>
      <label
        className={classNames(
          "flex min-h-[28px] min-w-0 items-start gap-2 py-[4px]",
          isOff ? "text-mute" : "cursor-pointer",
        )}
      >
        <input
          {...rest}
          type={radio ? "radio" : "checkbox"}
          disabled={isOff}
          aria-describedby={note === undefined ? rest["aria-describedby"] : noteId}
          className="mt-[2px] size-[16px] shrink-0 cursor-[inherit] accent-accent"
        />
        <span className="min-w-0 flex-1">{children}</span>
      </label>
      {note !== undefined && (
        <p id={noteId} className="ps-6 pb-1 text-sm text-mute">
          {note}
        </p>
      )}
    </div>
  );
}
