// Makes every page do things; without it everything can still be read and searched.

const address = "http://127.0.0.1:8080";

for (const one of document.querySelectorAll("[hidden]")) one.hidden = false;
for (const code of document.querySelectorAll("pre code")) {
  if (code.textContent.includes(address)) {
    code.textContent = code.textContent.replaceAll(address, location.origin);
  }
}

for (const block of document.querySelectorAll("figure")) addCopyButton(block);

function addCopyButton(block) {
  const button = element("button", "copy", "Copy");
  button.type = "button";
  const words = element("span", "sr-only", " the text");
  button.append(words);
  button.addEventListener("click", async () => {
    await copyText(block.querySelector("code").textContent);
    button.firstChild.textContent = "Copied";
    setTimeout(() => (button.firstChild.textContent = "Copy"), 1500);
  });
  block.append(button);
}

/** Over plain HTTP from another machine there is no clipboard: then by way of a selection. */
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// The menu is open where there is room for it.
const menu = document.querySelector(".menu");
if (menu) {
  const wide = matchMedia("(min-width: 60rem)");
  const fold = () => (menu.open = wide.matches);
  wide.addEventListener("change", fold);
  fold();
  menu.addEventListener("click", (event) => {
    if (!wide.matches && event.target.closest("a")) menu.open = false;
  });
  menu.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

// What the docs have, while one types. Enter without a choice shows all of it on a page of its own.
const search = document.querySelector(".search");
const wanted = search.querySelector("input");
const list = element("div", "choices");
list.id = "choices";
list.role = "listbox";
list.setAttribute("aria-label", "Found in the docs");
list.hidden = true;
search.append(list);
const heard = element("p", "sr-only");
heard.role = "status";
search.append(heard);
wanted.role = "combobox";
wanted.setAttribute("aria-controls", "choices");
wanted.setAttribute("aria-expanded", "false");
wanted.setAttribute("aria-keyshortcuts", "/");
let chosen = -1;
let asked = 0;
let waiting;

wanted.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => void look(wanted.value.trim()), 120);
});
wanted.addEventListener("keydown", (event) => {
  const options = [...list.children];
  if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    show([]);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const from = chosen === -1 && step === -1 ? 0 : chosen;
    choose((from + step + options.length) % options.length);
  } else if (event.key === "Enter" && chosen !== -1) {
    event.preventDefault();
    options[chosen].click();
  }
});
search.addEventListener("focusout", (event) => {
  if (!search.contains(event.relatedTarget)) show([]);
});

async function look(query) {
  const turn = ++asked;
  if (query === "") return show([]);
  try {
    const response = await fetch(`/docs/search.json?${new URLSearchParams({ q: query })}`);
    const { data = [] } = await response.json();
    if (turn === asked) show(data.slice(0, 8), query);
  } catch {
    // The form is still there.
  }
}

function show(found, query = "") {
  chosen = -1;
  list.replaceChildren(...found.map(optionOf));
  list.hidden = found.length === 0;
  wanted.setAttribute("aria-expanded", String(found.length > 0));
  wanted.removeAttribute("aria-activedescendant");
  heard.textContent = query === "" ? "" : `${found.length} found.`;
}

function optionOf({ page, title, href, excerpt }, at) {
  const option = element("a", "choice");
  option.href = href;
  option.id = `choice-${at}`;
  option.role = "option";
  option.tabIndex = -1;
  option.setAttribute("aria-selected", "false");
  option.append(element("strong", "", title), " ", element("span", "", page));
  option.append(element("small", "", excerpt));
  option.addEventListener("click", () => show([]));
  return option;
}

function choose(at) {
  chosen = at;
  [...list.children].forEach((option, index) => {
    option.setAttribute("aria-selected", String(index === at));
  });
  list.children[at].scrollIntoView({ block: "nearest" });
  wanted.setAttribute("aria-activedescendant", `choice-${at}`);
}

addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  wanted.focus();
  wanted.select();
});

// Too many requests: counts down, and then offers the page again.
for (const wait of document.querySelectorAll("[data-retry-after]")) {
  let seconds = Number(wait.dataset.retryAfter);
  const tick = setInterval(() => {
    seconds -= 1;
    if (seconds > 0) {
      wait.textContent = `You can load this page again in ${seconds} s.`;
      return;
    }
    clearInterval(tick);
    const button = element("button", "", "Load the page again");
    button.type = "button";
    button.addEventListener("click", () => location.reload());
    wait.replaceChildren(button);
  }, 1000);
}

// What somebody asks you for when something broke.
for (const line of document.querySelectorAll(".request code")) {
  if (!line.closest("p.request")) continue;
  const button = element("button", "small", "Copy");
  button.type = "button";
  button.append(element("span", "sr-only", " the request id"));
  button.addEventListener("click", () => void copyText(line.textContent));
  line.after(" ", button);
}

// For the scripts of single pages, which come after this one.
globalThis.zerorace = { element, newKey, pre };

/** Also where crypto.randomUUID is not to be had: on an address that is neither local nor TLS. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `try-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
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
