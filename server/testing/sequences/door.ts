import { anyText, problem } from "./expect.ts";
import { isRead, spoiltField, type Asked, type Prediction } from "./request.ts";

/** What is refused before anybody looks at what was asked; undefined when nothing is. */
export function refusedAtDoor(asked: Asked): Prediction | undefined {
  const { does, who, spoil } = asked;
  if (["nobody", "garbled", "unknown", "revoked"].includes(who)) return problem(401, anyText);
  if (who === "reader" && !isRead(does) && does !== "quote") return problem(403, anyText);
  if (spoil === "query") return problem(422, "UNKNOWN_PARAMETER", ["debug"]);
  if (spoil === "badKey") return problem(400, "IDEMPOTENCY_KEY_INVALID");
  if (spoil === "empty") return problem(400, "EMPTY_BODY");
  if (spoil === "text") return problem(415, "UNSUPPORTED_MEDIA_TYPE");
  return refusedBody(asked);
}

/** The part of it that is also said of one ask in a list. */
export function refusedBody({ spoil, body = {} }: Asked): Prediction | undefined {
  if (spoil === "cut") return problem(400, "MALFORMED_BODY");
  if (spoil === "array") return problem(422, "VALIDATION_FAILED", [""]);
  if (spoil === "noKey") return problem(400, "IDEMPOTENCY_KEY_MISSING");
  const field = spoiltField(spoil, body);
  if (field === undefined) return undefined;
  if (spoil === "twice") return problem(400, "DUPLICATE_KEY", [`/${field}`]);
  const code = spoil === "float" ? "NUMBER_NOT_EXACT" : "VALIDATION_FAILED";
  return problem(422, code, [`/${field}`]);
}
