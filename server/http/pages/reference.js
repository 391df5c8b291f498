// Makes the reference do things, on top of script.js; without it everything can still be read.

const { element, newKey, pre } = globalThis.zerorace;
const main = document.querySelector("main");

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

const filter = document.getElementById("filter");
filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/);
  for (const line of document.querySelectorAll("nav li")) {
    const text = line.textContent.toLowerCase();
    line.hidden = !words.every((word) => text.includes(word));
  }
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
