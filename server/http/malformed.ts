import { randomUUID } from "node:crypto";
import { STATUS_CODES, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { Problem, problemText, problemType } from "./problem.ts";
import { apiHeaders } from "./security-headers.ts";

/** Node.js's name for what was wrong, and ours. Everything else is a malformed request. */
const known: Readonly<Record<string, "HEADERS_TOO_LARGE" | "REQUEST_TIMEOUT" | "BODY_TOO_LARGE">> =
  {
    HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
    HPE_CHUNK_EXTENSIONS_OVERFLOW: "BODY_TOO_LARGE",
    ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
  };

/** What never becomes a request, because its bytes are not HTTP, is answered like everything else. */
export function answerMalformed(server: Server): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const begun = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent;
    if (error.code === "ECONNRESET" || !socket.writable || begun === true) {
      socket.destroy();
      return;
    }
    end(socket, new Problem(known[error.code ?? ""] ?? "MALFORMED_REQUEST"));
  });
  server.on("connect", (_req, socket: Duplex) =>
    end(socket, new Problem("METHOD_NOT_ALLOWED", undefined, { headers: ["Allow", "GET, POST"] })),
  );
}

function end(socket: Duplex, problem: Problem): void {
  const requestId = randomUUID();
  const text = problemText(problem, requestId);
  const headers = [
    "Content-Type",
    problemType,
    "Content-Length",
    String(Buffer.byteLength(text)),
    "Connection",
    "close",
    "Cache-Control",
    "no-store",
    "Request-Id",
    requestId,
    ...apiHeaders,
    ...problem.headers,
  ];
  let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  socket.on("error", () => socket.destroy());
  socket.end(`${head}\r\n${text}`, () => socket.destroy());
}
