// Makes the reference page do things; without it everything can still be read.

const address = "http://127.0.0.1:8080";
const main = document.querySelector("main");

for (const one of document.querySelectorAll("[hidden]")) one.hidden = false;
for (const code of document.querySelectorAll(".request code")) {
  code.textContent = code.textContent.replaceAll(address, location.origin);
}

// The languages of an example, one at a time; the choice holds for all of them.
function choose(language) {
  for (const figure of document.querySelectorAll(".request figure")) {
    figure.hidden = figure.dataset.language !== language;
  }
  for (const button of document.querySelectorAll(".languages button")) {
    button.setAttribute("aria-pressed", String(button.textContent === language));
  }
}

for (const request of document.querySelectorAll(".request")) {
  const row = element("p", "languages");
  for (const { dataset } of request.querySelectorAll("figure")) {
    const button = element("button", "", dataset.language);
    button.type = "button";
    button.addEventListener("click", () => choose(dataset.language));
    row.append(button);
  }
  request.prepend(row);
}
choose("curl");

for (const figure of document.querySelectorAll("figure")) {
  const button = element("button", "copy", "Copy");
  button.type = "button";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(figure.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  figure.append(button);
}

// The menu is open where there is room for it.
const menu = document.querySelector(".menu");
const wide = matchMedia("(min-width: 60rem)");
const fold = () => (menu.open = wide.matches);
wide.addEventListener("change", fold);
fold();
menu.addEventListener("click", (event) => {
  if (!wide.matches && event.target.closest("a")) menu.open = false;
});

const filter = document.getElementById("filter");
filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/);
  for (const line of document.querySelectorAll("nav li")) {
    const text = line.textContent.toLowerCase();
    line.hidden = !words.every((word) => text.includes(word));
  }
});
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea")) return;
  event.preventDefault();
  menu.open = true;
  filter.focus();
});

// Where one reads is marked in the menu.
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const link = document.querySelector(`nav a[href="#${target.id}"]`);
      if (isIntersecting) link?.setAttribute("aria-current", "true");
      else link?.removeAttribute("aria-current");
    }
  },
  { rootMargin: "-20% 0px -75% 0px" },
);
for (const article of main.querySelectorAll("article")) seen.observe(article);

for (const form of document.querySelectorAll(".try form")) {
  const again = form.querySelector("[data-again]");
  const key = form.elements.namedItem("Idempotency-Key");
  let last;
  if (key) key.placeholder = "made anew for each";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    last = requestOf(form);
    void send(form, last);
    if (again) again.disabled = false;
  });
  again?.addEventListener("click", () => void send(form, last));
}

function requestOf(form) {
  const { method, path, guarded } = form.dataset;
  const headers = {};
  const query = new URLSearchParams();
  let at = path;
  for (const { name, value, dataset } of form.querySelectorAll("input")) {
    if (dataset.in === "path") at = at.replace(`{${name}}`, encodeURIComponent(value || "-"));
    else if (dataset.in === "query" && value !== "") query.set(name, value);
    else if (name === "Idempotency-Key") headers[name] = value || newKey();
  }
  const apiKey = document.getElementById("api-key").value.trim();
  if (guarded === "true" && apiKey !== "") headers.Authorization = `Bearer ${apiKey}`;
  const body = form.elements.namedItem("body")?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const tail = query.size > 0 ? `?${query}` : "";
  return { url: `${at}${tail}`, init: { method, headers, ...(body !== undefined && { body }) } };
}

/** Also where crypto.randomUUID is not to be had: on an address that is neither local nor TLS. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `try-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

async function send(form, { url, init }) {
  const result = form.parentElement.querySelector(".result");
  result.replaceChildren(element("p", "", "…"));
  const startedAt = performance.now();
  try {
    const response = await fetch(url, { ...init, cache: "no-store", credentials: "omit" });
    const text = await response.text();
    const ms = (performance.now() - startedAt).toFixed(0);
    result.replaceChildren(...answerOf(init, response, text, ms));
  } catch {
    result.replaceChildren(element("p", "bad", "No answer came: send the same again."));
  }
}

const shown = ["content-type", "idempotent-replayed", "request-id", "retry-after"];

function answerOf({ headers: sent }, response, text, ms) {
  const { status, headers } = response;
  const head = element("p");
  head.append(
    element("span", `status ${status < 400 ? "good" : "bad"}`, String(status)),
    ` ${response.statusText} in ${ms} ms`,
  );
  const names = shown.filter((name) => headers.has(name));
  const lines = names.map((name) => `${name}: ${headers.get(name)}`);
  const key = sent["Idempotency-Key"];
  if (key) lines.unshift(`(sent) Idempotency-Key: ${key}`);
  const parts = [head, pre(lines.join("\n")), pre(pretty(text))];
  const code = status >= 400 && /"code":"(\w+)"/.exec(text)?.[1];
  if (code) {
    const link = element("a", "", `What ${code} means`);
    link.href = `/problems/${code}`;
    parts.push(link);
  }
  return parts;
}

/** Only laid out anew: numbers stay as they were written. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

function pre(text) {
  const block = element("pre");
  block.tabIndex = 0;
  block.append(element("code", "", text));
  return block;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.textContent = text;
  return made;
}
