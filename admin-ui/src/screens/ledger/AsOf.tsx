import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Input } from "../../ui/Field.tsx";

/** Chooses the moment that the books are looked at. */
export function AsOf({
  at,
  onSet,
}: {
  readonly at: string | undefined;
  readonly onSet: (at: string | undefined) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [error, setError] = useState<string>();
  const show = (): void => {
    const when = new Date(text);
    if (Number.isNaN(when.getTime())) return setError("Choose a day and a time");
    setOpen(false);
    onSet(when.toISOString());
  };
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {at === undefined ? "Another moment …" : "Change …"}
      </Button>
      <Dialog
        open={isOpen}
        title="The books as they were"
        onClose={() => setOpen(false)}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button look="primary" type="submit" form="as-of">
              Show them
            </Button>
          </>
        }
      >
        <form
          id="as-of"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            show();
          }}
        >
          <Input
            label="At"
            type="datetime-local"
            step={1}
            value={text}
            onChange={(event) => setText(event.target.value)}
            hint="In your time zone. What was booked before it counts."
            error={error}
          />
        </form>
      </Dialog>
    </>
  );
}
