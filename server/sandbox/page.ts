import { codeBlock, pageOf } from "../http/page.ts";
import { addressOfExamples, curlOf, typescriptOf } from "../http/reference-examples.ts";

/** The sandbox for whoever comes by: buy, send again, see a no. It can be read without a script. */
export function sandboxPage(): string {
  const request = {
    method: "POST",
    url: `${addressOfExamples}/v1/sandbox/commit`,
    headers: [
      ["Content-Type", "application/json"],
      ["Idempotency-Key", "my-first-one"],
    ] as const,
    body: { quantity: 1 },
  };
  const parts = [
    '<h1>Sandbox</h1><p class="lead">A real shop that is open to everybody: no account, no key. ',
    "It sells by the same kernel as every other purchase, in books of its own.</p>",
    tiles,
    '<noscript><p class="note">The buttons need JavaScript. The commands below do not.</p></noscript>',
    form,
    '<h2>The same from a program</h2><div class="request" data-live>',
    codeBlock(curlOf(request), "curl"),
    codeBlock(typescriptOf(request), "TypeScript"),
    "</div>",
    next,
  ];
  const body = `<main id="main" tabindex="-1"><div class="wide">${parts.join("")}</div></main>`;
  return pageOf({ title: "Sandbox", kind: "plain", place: "/sandbox", body, script: "sandbox.js" });
}

const tile = (name: string, id: string): string =>
  `<div><dt>${name}</dt><dd id="${id}">…</dd></div>`;

const tiles =
  '<p class="note" id="told" role="status">Everybody shares this shop.</p>' +
  `<dl class="tiles">${tile("Left", "free")}${tile("Sold since it opened", "sold")}` +
  `${tile("Price", "price")}${tile("Next reset", "reset")}</dl>`;

const form =
  '<form id="buy" class="box"><h2>Buy something</h2><div class="inputs">' +
  '<label>Quantity <input name="quantity" type="number" min="1" max="1000000000" value="1" required></label>' +
  '<label>Idempotency key <input name="key" maxlength="255" pattern="[!-~]+" required spellcheck="false" ' +
  'autocomplete="off"></label><button type="button" id="fresh">A new key</button></div>' +
  '<p class="buttons"><button type="submit">Buy</button>' +
  '<button type="button" id="ten">Send it 10 times at once</button>' +
  '<button type="button" id="much">Ask for more than there is</button></p>' +
  '<p class="fair"><label for="left">Requests that you have left</label> ' +
  '<meter id="left" min="0" max="50" low="10" optimum="50" value="50"></meter> ' +
  '<span id="says">not counted yet</span></p>' +
  '<div class="result" id="answer" role="status"></div></form>';

const next =
  '<h2>Where to go on</h2><ul><li><a href="/docs/tutorial/quickstart">Quickstart</a>: what the answers say</li>' +
  '<li><a href="/docs/how-to/agents">An agent that buys</a>: retries, doubt, Retry-After</li>' +
  '<li><a href="/docs/tutorial/own-shop">A shop of your own</a>: a merchant, an item, a mandate, a key</li>' +
  '<li><a href="/sign-in">Sign in</a> to the console. If nobody has claimed this server yet, its log has ' +
  "the link; <code>zerorace claim-link</code> makes another.</li></ul>";
