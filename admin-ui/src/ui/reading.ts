import { Problem } from "../api/problem.ts";
import { fieldsOf } from "./forms.ts";
import { minorOf } from "./format.ts";

/**
 * A form's texts as the API wants them: what is empty is left out, and the server says whether it may be.
 * What is no number at all is told as the server tells of faults, at its field.
 */
export class Reading {
  readonly #fields: Readonly<Record<string, string>>;
  readonly #faults: { pointer: string; code: string; detail: string }[] = [];

  constructor(form: HTMLFormElement) {
    this.#fields = fieldsOf(form);
  }

  text(name: string): string | undefined {
    const text = this.#fields[name]?.trim() ?? "";
    return text === "" ? undefined : text;
  }

  amount(name: string, currency: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const minor = minorOf(text, currency);
    if (minor === undefined) this.#fault(name, `must be an amount in ${currency}, as in 19.99`);
    return minor;
  }

  whole(name: string): number | undefined {
    const text = this.text(name)?.replace("\u2212", "-");
    if (text === undefined) return undefined;
    if (/^[+-]?\d{1,16}$/.test(text)) return Number(text);
    this.#fault(name, "must be a whole number");
    return undefined;
  }

  isChecked(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  /** Names of fields that begin so, without the beginning: those of a list of check boxes. */
  checked(beginning: string): string[] {
    const names = Object.keys(this.#fields).filter((name) => name.startsWith(beginning));
    return names.map((name) => name.slice(beginning.length));
  }

  /** Throws what is wrong, if anything is. */
  check(): void {
    const [first] = this.#faults;
    if (!first) return;
    throw new Problem({
      code: "VALIDATION_FAILED",
      title: "Not understood",
      detail: `${first.pointer.slice(1)} ${first.detail}.`,
      status: 422,
      errors: this.#faults,
    } as ConstructorParameters<typeof Problem>[0]);
  }

  #fault(name: string, detail: string): void {
    this.#faults.push({ pointer: `/${name}`, code: "INVALID_VALUE", detail });
  }
}
