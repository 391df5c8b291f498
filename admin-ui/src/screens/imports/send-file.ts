import { useState } from "react";
import type { ImportView } from "../../../../server/imports/wire.ts";
import { newKey, post, postFile } from "../../api/client.ts";
import { asProblem, Problem } from "../../api/problem.ts";
import type { Kind } from "./words.ts";

/** Of one request: a slow line has ten seconds for it. */
const pieceBytes = 1_048_576;

/** Piece by piece from where the server has none yet; a piece whose answer was lost is sent again. */
export async function sendFile(
  it: ImportView,
  file: File,
  onBytes: (bytes: number) => void,
): Promise<ImportView> {
  let now = it;
  let failures = 0;
  while (now.bytes < file.size) {
    onBytes(now.bytes);
    const piece = file.slice(now.bytes, now.bytes + pieceBytes, "text/csv");
    try {
      now = await postFile<ImportView>(`/v1/imports/${it.id}/parts`, piece, {
        query: { at: now.bytes },
      });
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!(error instanceof Problem) || !error.retryable || failures > 3) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * failures));
    }
  }
  onBytes(now.bytes);
  return now;
}

export interface Sending {
  readonly file: File | undefined;
  readonly bytes: number | undefined;
  readonly problem: Problem | undefined;
  readonly begin: (file: File) => void;
}

/** Makes an import of a chosen file and uploads it; or goes on with one that was cut off. */
export function useSending(
  of: { readonly kind: Kind } | { readonly resume: ImportView },
  onDone: (it: ImportView) => void,
): Sending {
  const [file, setFile] = useState<File>();
  const [bytes, setBytes] = useState<number>();
  const [problem, setProblem] = useState<Problem>();
  const send = async (chosen: File): Promise<void> => {
    setFile(chosen);
    setProblem(undefined);
    setBytes(0);
    try {
      const it =
        "resume" in of
          ? of.resume
          : await post<ImportView>(
              "/v1/imports",
              { kind: of.kind, fileName: nameOf(chosen), fileBytes: chosen.size },
              { idempotencyKey: newKey() },
            );
      onDone(await sendFile(it, chosen, setBytes));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBytes(undefined);
    }
  };
  return { file, bytes, problem, begin: (chosen) => void send(chosen) };
}

/** The server takes no name that hides something. */
function nameOf({ name }: File): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").slice(0, 200) || "file.csv";
}
