import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet, { type HelmetOptions } from "helmet";

/**
 * No Strict-Transport-Security: whether there is TLS in front is known there, not here. And not what
 * only browsers of long ago read.
 */
const base: HelmetOptions = {
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
  originAgentCluster: false,
  xFrameOptions: { action: "deny" },
};

/** Nothing an API answers with is ever rendered. */
export const apiHeaders = headersOf({
  ...base,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
});

/** Pages are text with our style sheet and our scripts, which ask this server alone. */
export const pageHeaders = headersOf({
  ...base,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      connectSrc: ["'self'"],
      // The icon in the tab is written into the page.
      imgSrc: ["data:"],
      baseUri: ["'none'"],
      // The search.
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
});

/** The console: its own files and this server's API, nothing written into the page, nobody else. */
export const consoleHeaders = headersOf({
  ...base,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
});

/** Helmet decides once, at the start: its headers are the same for every answer. */
function headersOf(options: HelmetOptions): readonly string[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet(options)(request, response, () => undefined);
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}
