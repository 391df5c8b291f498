// The sandbox page, on top of script.js: buys, counts and shows what came back.

const { element, newKey, pre } = globalThis.zerorace;
const place = (id) => document.getElementById(id);
const form = place("buy");
const { quantity, key } = form.elements;
const answer = place("answer");
const buttons = [...form.querySelectorAll("button")];
const whole = new Intl.NumberFormat();
let world;
let sent = 0;

key.value = newKey();

// What there is: read again every few seconds while somebody looks.
async function look() {
  if (document.hidden) return;
  try {
    const response = await fetch("/v1/sandbox", { cache: "no-store", credentials: "omit" });
    count(response);
    if (!response.ok) return;
    const next = await response.json();
    if (world && world.tenantId !== next.tenantId) {
      tell("The shop was reset: full stock, and the keys of before are free again.");
    }
    world = next;
    show();
  } catch {
    tell("The server does not answer. This page tries again by itself.");
  }
}

function show() {
  const { stock, priceMinor, currency } = world;
  place("free").textContent = whole.format(stock.free);
  place("sold").textContent = whole.format(stock.stocked - stock.free);
  const money = new Intl.NumberFormat(undefined, { style: "currency", currency });
  const digits = money.resolvedOptions().maximumFractionDigits ?? 2;
  place("price").textContent = money.format(priceMinor / 10 ** digits);
  tick();
}

function tick() {
  if (!world) return;
  place("reset").textContent = world.resetsAt === null ? "by hand only" : until(world.resetsAt);
}

function until(time) {
  const seconds = Math.round((Date.parse(time) - Date.now()) / 1000);
  if (seconds <= 0) return "any moment, once somebody bought";
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `in ${hours} h ${minutes} min`;
  return minutes > 0 ? `in ${minutes} min` : `in ${seconds} s`;
}

const tell = (text) => (place("told").textContent = text);

// Fair use: what the server says that this address has left. It comes back by itself.
let left = { now: 50, max: 50, fullAt: 0, at: 0 };

function count(response) {
  const state = /r=(\d+);t=(\d+)/.exec(response.headers.get("RateLimit") ?? "");
  const policy = /q=(\d+)/.exec(response.headers.get("RateLimit-Policy") ?? "");
  if (!state || !policy) return;
  const at = performance.now();
  const [now, seconds, max] = [Number(state[1]), Number(state[2]), Number(policy[1])];
  left = { now, max, at, fullAt: at + seconds * 1000 };
  meter();
}

function meter() {
  if (left.at === 0) return;
  const { now, max, at, fullAt } = left;
  const time = performance.now();
  const part = fullAt <= at ? 1 : Math.min(1, (time - at) / (fullAt - at));
  const value = Math.floor(now + (max - now) * part);
  const seconds = Math.max(0, Math.ceil((fullAt - time) / 1000));
  place("left").max = max;
  place("left").low = max / 5;
  place("left").optimum = max;
  place("left").value = value;
  const back = seconds > 0 && value < max ? `, all of them in ${seconds} s` : "";
  place("says").textContent = `${whole.format(value)} of ${whole.format(max)}${back}`;
}

// Buying.
async function ask(body, name) {
  const startedAt = performance.now();
  const response = await fetch("/v1/sandbox/commit", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": name },
    body: JSON.stringify(body),
    credentials: "omit",
  });
  const text = await response.text();
  count(response);
  const ms = performance.now() - startedAt;
  return { response, said: JSON.parse(text), ms };
}

async function run(work) {
  for (const button of buttons) button.disabled = true;
  sent += 1;
  const turn = sent;
  let wait = 0;
  try {
    const parts = await work();
    if (turn === sent) answer.replaceChildren(...parts.shown);
    wait = parts.wait ?? 0;
  } catch {
    const says = "No answer came. It may be bought: send it again with the same key to find out.";
    answer.replaceChildren(element("p", "bad", says));
  }
  await pause(wait);
  for (const button of buttons) button.disabled = false;
  void look();
}

/** After a 429: until the server takes more. */
async function pause(seconds) {
  for (let rest = seconds; rest > 0; rest--) {
    tell(`Too many requests at once. You can go on in ${rest} s.`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  if (seconds > 0) tell("You can go on.");
}

function wordsOf({ outcome, replayed, detail, amountMinor, currency, code, asked, limit }) {
  if (outcome === "COMMITTED") {
    const money = new Intl.NumberFormat(undefined, { style: "currency", currency });
    const paid = money.format(amountMinor / 10 ** money.resolvedOptions().maximumFractionDigits);
    return replayed
      ? `The same answer again: bought for ${paid}, once.`
      : `Bought for ${paid}. Send it again with the same key: nothing is sold twice.`;
  }
  if (outcome === "DECLINED" && asked !== undefined && limit !== undefined) {
    return `Declined: ${asked.toLocaleString()} were asked for, ${limit.toLocaleString()} are left.`;
  }
  if (outcome === "DECLINED") return `Declined. ${detail.replaceAll("`", "")}`;
  return `${code}: ${detail}`;
}

async function once(body) {
  const { response, said, ms } = await ask(body, key.value);
  const head = element("p", "verdict");
  const isGood = response.ok;
  head.append(element("span", `status ${isGood ? "good" : "bad"}`, String(response.status)));
  head.append(` ${wordsOf(said)} `, element("small", "", `${ms.toFixed(0)} ms`));
  const shown = [head, pre(JSON.stringify(said, undefined, 2))];
  if (!isGood && said.code) {
    const link = element("a", "", `What ${said.code} means`);
    link.href = `/problems/${said.code}`;
    shown.push(link);
  }
  return { shown, wait: Number(response.headers.get("Retry-After") ?? 0) };
}

async function tenTimes(body) {
  const asks = await Promise.all(Array.from({ length: 10 }, () => ask(body, key.value)));
  const made = asks.filter(({ said }) => said.outcome === "COMMITTED" && !said.replayed).length;
  const again = asks.filter(({ said }) => said.replayed === true).length;
  const other = asks.filter(({ response }) => !response.ok);
  const words = [
    `10 requests with one key: ${made} bought, ${again} told the same answer`,
    other.length > 0 ? `, ${other.length} refused (${other[0].said.code})` : "",
    ".",
  ];
  const head = element("p", "verdict", words.join(""));
  const best = asks.find(({ said }) => said.replayed === false) ?? asks[0];
  const wait = Math.max(
    0,
    ...other.map(({ response }) => Number(response.headers.get("Retry-After") ?? 0)),
  );
  return { shown: [head, pre(JSON.stringify(best.said, undefined, 2))], wait };
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void run(() => once({ quantity: Number(quantity.value) }));
});
place("fresh").addEventListener("click", () => {
  key.value = newKey();
  write();
});
place("ten").addEventListener("click", () => {
  // A new one: of ten at once, one buys.
  key.value = newKey();
  write();
  if (form.reportValidity()) void run(() => tenTimes({ quantity: Number(quantity.value) }));
});
place("much").addEventListener("click", () => {
  quantity.value = "900000000";
  key.value = newKey();
  write();
  form.requestSubmit();
});

// The commands say what the form says.
const request = document.querySelector(".request");
const templates = new Map(
  [...request.querySelectorAll("figure")].map((figure) => [
    figure,
    figure.querySelector("code").textContent,
  ]),
);

function write() {
  for (const [figure, text] of templates) {
    const quoted = figure.dataset.language === "curl" ? key.value.replaceAll("'", "") : key.value;
    const own = text.replace("my-first-one", quoted.replaceAll('"', ""));
    figure.querySelector("code").textContent = own.replace(
      /(quantity"?: )\d+/,
      `$1${Number(quantity.value) || 1}`,
    );
  }
}

const languages = element("p", "languages");
for (const [figure] of templates) {
  const { language } = figure.dataset;
  const button = element("button", "", language);
  button.type = "button";
  button.addEventListener("click", () => choose(language));
  languages.append(button);
}
request.prepend(languages);

function choose(language) {
  for (const [figure] of templates) figure.hidden = figure.dataset.language !== language;
  for (const button of languages.children) {
    button.setAttribute("aria-pressed", String(button.textContent === language));
  }
}

form.addEventListener("input", write);
choose("curl");
write();
void look();
setInterval(() => void look(), 5000);
setInterval(() => {
  tick();
  meter();
}, 1000);
document.addEventListener("visibilitychange", () => void look());
