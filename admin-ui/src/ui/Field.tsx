import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";
import type { Problem } from "../api/problem.ts";
import { classNames } from "./class-names.ts";
import { Icon } from "./Icon.tsx";

export interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** Where the body has it, as in "/email": what the server finds wrong there is shown here. */
  readonly pointer?: string;
  readonly problem?: Problem | undefined;
  /** What this page itself finds wrong. */
  readonly error?: string | undefined;
  readonly optional?: boolean;
}

interface Wired {
  readonly id: string;
  readonly "aria-invalid": true | undefined;
  readonly "aria-describedby": string | undefined;
}

/** A label, a control, a hint, and what is wrong, tied together for those who listen. */
export function Field({
  label,
  hint,
  pointer,
  problem,
  error,
  optional = false,
  children,
}: FieldProps & { readonly children: (wired: Wired) => ReactNode }) {
  const id = useId();
  const fault = error ?? (pointer === undefined ? undefined : problem?.faultAt(pointer));
  const described = [hint !== undefined && `${id}-hint`, fault !== undefined && `${id}-fault`];
  const wired: Wired = {
    id,
    "aria-invalid": fault === undefined ? undefined : true,
    "aria-describedby": classNames(...described) || undefined,
  };
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
        {optional && <span className="font-normal text-mute"> (optional)</span>}
      </label>
      {children(wired)}
      {fault !== undefined && (
        <p id={`${id}-fault`} className="flex items-start gap-1.5 text-sm text-bad">
          <span className="mt-0.5">
            <Icon name="alert" size={14} />
          </span>
          {sentenceOf(fault)}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-mute">
          {hint}
        </p>
      )}
    </div>
  );
}

/** The server says "must not be empty"; beside the field it is a sentence. */
function sentenceOf(fault: string): string {
  const text = fault.charAt(0).toUpperCase() + fault.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

type Own = keyof FieldProps;

function split<Props extends FieldProps>(props: Props): [FieldProps, Omit<Props, Own>] {
  const { label, hint, pointer, problem, error, optional, ...rest } = props;
  const field = {
    label,
    hint,
    problem,
    error,
    ...(pointer !== undefined && { pointer }),
    ...(optional !== undefined && { optional }),
  };
  return [field, rest];
}

export function Input(props: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const [field, rest] = split(props);
  return (
    <Field {...field}>
      {(wired) => <input {...rest} {...wired} className={classNames("control", rest.className)} />}
    </Field>
  );
}

export function Select(props: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const [field, rest] = split(props);
  return (
    <Field {...field}>
      {(wired) => <select {...rest} {...wired} className={classNames("control", rest.className)} />}
    </Field>
  );
}

export function TextArea(props: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const [field, rest] = split(props);
  return (
    <Field {...field}>
      {(wired) => (
        <textarea
          {...rest}
          {...wired}
          className={classNames("control h-auto min-h-20 py-1.5", rest.className)}
        />
      )}
    </Field>
  );
}
