import type { InputHTMLAttributes } from "react";
import { Input, type FieldProps } from "./Field.tsx";

/** For money, typed as people write it. The API counts in whole minor units, and says so of an empty one. */
export function AmountInput({
  currency,
  ...props
}: FieldProps & InputHTMLAttributes<HTMLInputElement> & { readonly currency: string }) {
  const fault = props.pointer === undefined ? undefined : props.problem?.faultAt(props.pointer);
  const isMissing = fault === "must be a whole number";
  return (
    <Input
      inputMode="decimal"
      autoComplete="off"
      {...props}
      {...(isMissing && { error: `must be an amount in ${currency}, as in 19.99` })}
    />
  );
}
