import { useId, type ButtonHTMLAttributes, type ReactNode } from "react";
import { classNames } from "./class-names.ts";
import { Icon, type IconName } from "./Icon.tsx";

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  readonly look?: "primary" | "plain" | "quiet" | "danger";
  readonly size?: "normal" | "small" | "large";
  readonly icon?: IconName;
  /** Why it cannot be used now. It stays in the tab order, so that everybody can learn why. */
  readonly disabledReason?: string | undefined;
  /** It was pressed and is at work; it keeps its size and does nothing meanwhile. */
  readonly busy?: boolean;
  readonly children?: ReactNode;
}

const looks = {
  primary: "bg-accent text-on-accent hover:brightness-110 font-medium",
  plain: "bg-panel border hover:bg-sunk",
  quiet: "hover:bg-sunk",
  danger: "bg-panel border border-bad/60 text-bad hover:bg-bad/10 font-medium",
};
const sizes = {
  small: "h-7 px-2 text-sm gap-1.5",
  normal: "h-8 px-3 gap-2",
  large: "h-10 px-4 gap-2 text-[15px]",
};

/** How a link or a button looks. */
export function buttonClass(
  look: keyof typeof looks = "plain",
  size: keyof typeof sizes = "normal",
): string {
  return classNames(
    "inline-flex items-center justify-center rounded-md whitespace-nowrap select-none",
    looks[look],
    sizes[size],
  );
}

export function Button(props: ButtonProps) {
  const { look, size, icon, disabledReason, busy = false, children, className, ...rest } = props;
  const reasonId = useId();
  const isOff = disabledReason !== undefined || busy;
  const button = (
    <button
      type="button"
      {...rest}
      className={classNames(
        buttonClass(look, size),
        isOff && "cursor-not-allowed opacity-60",
        className,
      )}
      aria-disabled={isOff || undefined}
      aria-describedby={disabledReason === undefined ? rest["aria-describedby"] : reasonId}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else rest.onClick?.(event);
      }}
    >
      {icon && <Icon name={icon} size={size === "small" ? 14 : 16} />}
      {children}
      {busy && <span className="sr-only">, at work</span>}
    </button>
  );
  if (disabledReason === undefined) return button;
  return (
    <span className="has-tip relative inline-flex">
      {button}
      <span role="tooltip" id={reasonId} className="tip">
        {disabledReason}
      </span>
    </span>
  );
}

/** Square, with an icon alone: the label is what it is called. */
export function IconButton({
  label,
  icon,
  ...rest
}: Omit<ButtonProps, "icon" | "children" | "aria-label"> & {
  readonly label: string;
  readonly icon: IconName;
}) {
  const size = rest.size === "small" ? "w-7 px-0" : "w-8 px-0";
  return (
    <Button
      look="quiet"
      title={label}
      {...rest}
      aria-label={label}
      className={classNames(size, rest.className)}
    >
      <Icon name={icon} size={rest.size === "small" ? 14 : 16} />
    </Button>
  );
}
