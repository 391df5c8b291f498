import { Select, type FieldProps } from "./Field.tsx";

const codes = Intl.supportedValuesOf("currency").filter((code) => code !== "XXX" && code !== "XTS");
const names = new Intl.DisplayNames(undefined, { type: "currency" });

/** All currencies that there are; the first letters of a code find it. */
export function CurrencySelect(
  props: FieldProps & {
    readonly value: string;
    readonly onChoose: (code: string) => void;
  },
) {
  const { value, onChoose, ...field } = props;
  return (
    <Select
      {...field}
      name="currency"
      value={value}
      onChange={(event) => onChoose(event.target.value)}
    >
      {codes.map((code) => (
        <option key={code} value={code}>
          {code} · {names.of(code)}
        </option>
      ))}
    </Select>
  );
}
