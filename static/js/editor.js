// Help with writing: a small toolbar, sentence starters, room that grows, a preview. Plain typing does it all as well.

const form = document.querySelector("form[data-tools]");
const { dataset } = form;
const tools = document.getElementById("tools").content.firstElementChild;
for (const more of document.querySelectorAll("template[data-more-tools]")) tools.append(more.content);

/** Puts text at the caret (in place of what is selected), so that undo still works. */
export function insert(area, text, from = 0, to = 0) {
  area.focus();
  if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (from || to) area.setSelectionRange(area.selectionEnd - from, area.selectionEnd - to);
}

/** Says whether the stars at this edge of a text hold this sign: of three, two are strong and one is not. */
function holds(text, edge, sign) {
  const { length } = edge.exec(text)[0];
  return sign === "*" ? length % 2 === 1 : length > 1;
}

/** Says whether the last words of a line stand in these marks; a star that begins an item is none. */
function begun(line, sign) {
  const words = line.replace(/^\s*\* |\\./g, "");
  const strong = words.split("**");
  return (sign === "*" ? strong.join("").split("*") : strong).length % 2 === 0;
}

/** Puts marks around what is selected, or takes them away; with nothing selected it steps out of the marks it stands in. */
function around(area, sign) {
  const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
  const from = area.selectionStart + Math.max(chosen.search(/\S/), 0); // marks do not work with a space inside them
  const to = from + (chosen.trim() || chosen).length;
  const words = area.value.slice(from, to);
  const { length } = sign;
  const before = area.value.slice(lineStart(area, from), from);
  const within = begun(before, sign) && holds(area.value.slice(to), /^\**/, sign);
  area.setSelectionRange(from, to);
  if (within && before.endsWith(sign)) {
    area.setSelectionRange(from - length, to + length);
    insert(area, words, words.length);
  } else if (within && !words) area.setSelectionRange(to + length, to + length);
  else {
    const bare = words.slice(length, -length);
    const marked = [/^\**/, /\**$/].every((edge) => holds(words, edge, sign));
    if (marked && bare && !bare.includes(sign)) insert(area, bare, bare.length);
    else insert(area, sign + words + sign, words.length + length, length);
  }
}

const lineStart = (area, at = area.selectionStart) => area.value.slice(0, at).lastIndexOf("\n") + 1;
const ITEM = /^(\s*)(?:([-*])|(\d{1,9})\.) +/;

/** Gives the mark of the item that would come after this line, if that is an item. */
function next(line) {
  const [mark, indent, sign, number] = ITEM.exec(line) ?? [];
  return mark && `${indent}${sign ?? `${Number(number) + 1}.`} `;
}

/** Goes on with the list whose item ends at the caret, or ends it where the item is empty; says whether it did. */
function goOn(area) {
  const { selectionStart: at, selectionEnd, value } = area;
  const begins = lineStart(area);
  const line = value.slice(begins, at);
  const mark = next(line);
  if (!mark || at !== selectionEnd || !/^(\n|$)/.test(value.slice(at, at + 1))) return false;
  if (line.replace(ITEM, "")) insert(area, `\n${mark}`);
  else {
    area.setSelectionRange(begins, at);
    insert(area, begins > 1 && value[begins - 2] !== "\n" ? "\n" : ""); // what follows without an empty line is of the list too
  }
  return true;
}

/** What each tool does to its field; a module that brings tools of its own adds to it. */
export const acts = {
  bold: (area) => around(area, "**"),
  italic: (area) => around(area, "*"),
  list(area) {
    const { value, selectionStart, selectionEnd } = area;
    const begins = lineStart(area);
    const last = selectionEnd - (selectionEnd > selectionStart && value[selectionEnd - 1] === "\n");
    const ends = (value.indexOf("\n", last) + 1 || value.length + 1) - 1;
    const lines = value.slice(begins, ends).split("\n");
    const above = value.slice(lineStart(area, begins - 1), Math.max(begins - 1, 0));
    let mark = next(above) ?? "- ";
    const put = (line) => {
      const item = ITEM.test(line) || (!line.trim() && lines.length > 1) ? line : mark + line;
      mark = next(item) ?? mark;
      return item;
    };
    const are = lines.some((line) => line.trim()) && lines.every((line) => !line.trim() || ITEM.test(line));
    const fresh = !are && above.trim() && !next(above) ? "\n" : "";
    const made = fresh + lines.map(are ? (line) => line.replace(ITEM, "$1") : put).join("\n");
    area.setSelectionRange(begins, ends);
    const behind = Math.min(ends - last, made.length); // the caret stays at its word
    insert(area, made, behind, behind);
  },
  async formula(area) {
    bar(area).parentElement.querySelector(".no-formula")?.remove();
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd).trim();
    const title = tools.querySelector("[data-tool=formula]").textContent;
    const { ask, formulaAt } = await import("./formula.js").catch(() => ({}));
    const latex = formulaAt?.(area)?.latex ?? chosen.replace(/^\$+|\$+$/g, "");
    const found = ask ? await ask({ address: dataset.formula, latex, title }).catch(() => noFormula(area)) : noFormula(area);
    area.focus();
    if (!found) return;
    const old = formulaAt(area);
    if (old) {
      area.setSelectionRange(old.from, old.to);
      insert(area, old.sign + found + old.sign);
    } else {
      const before = area.value[area.selectionStart - 1];
      const after = area.value[area.selectionEnd];
      insert(area, `${before && !/\s/.test(before) ? " " : ""}$${found}$${after && !/\s/.test(after) ? " " : ""}`);
    }
    if (!preview(area)) acts.preview(area);
  },
  preview(area) {
    const shown = preview(area);
    bar(area).querySelector("[data-tool=preview]").setAttribute("aria-pressed", String(!shown));
    if (shown) return shown.remove();
    const pane = document.createElement("div");
    pane.className = "preview";
    pane.setAttribute("role", "region");
    pane.setAttribute("aria-label", tools.querySelector("[data-tool=preview]").textContent);
    pane.lang = dataset.language;
    bar(area).after(pane);
    render(area);
  },
};

function noFormula(area) {
  const said = Object.assign(document.createElement("p"), { className: "hint no-formula", textContent: dataset.noFormula });
  said.setAttribute("role", "status");
  bar(area).after(said);
}

const bar = (area) => area.parentElement.querySelector(".tools");
const preview = (area) => area.parentElement.querySelector(".preview");

const rendering = new Map();
function render(area) {
  clearTimeout(rendering.get(area));
  rendering.set(
    area,
    setTimeout(async () => {
      const body = new URLSearchParams({ text: area.value, language: dataset.language });
      body.set("csrf_token", form.elements.csrf_token.value);
      const headers = { Accept: "application/json" };
      const answer = await fetch(dataset.show, { method: "POST", headers, body })
        .then((came) => (came.ok ? came.json() : null))
        .catch(() => null);
      const pane = preview(area);
      if (!pane) return;
      pane.classList.toggle("as-typed", !answer);
      if (answer) pane.innerHTML = answer.html; // made safe by the server, as everywhere
      else pane.textContent = area.value;
    }, 300),
  );
}

// The toolbar: one stop for the Tab key, arrows within it, and only there while its field is in use.
export function equip(area) {
  const own = tools.cloneNode(true);
  own.setAttribute("aria-controls", area.id);
  area.after(own);
  const buttons = [...own.querySelectorAll("button")];
  buttons.forEach((button, place) => (button.tabIndex = place ? -1 : 0));
  own.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps its caret
  own.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) acts[button.dataset.tool](area);
  });
  own.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    buttons.forEach((button, place) => (button.tabIndex = place === next ? 0 : -1));
    buttons[next].focus();
  });
  area.addEventListener("keydown", (event) => {
    const plain = !(event.isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey);
    if (event.key === "Enter" && plain && goOn(area)) event.preventDefault();
    const tool = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && { b: "bold", i: "italic", m: "formula" }[event.key];
    if (!tool) return;
    event.preventDefault();
    acts[tool](area);
  });
}

const grows = CSS.supports("field-sizing", "content");
function grow(area) {
  if (grows) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

for (const area of form.querySelectorAll("textarea:not(.plain)")) {
  equip(area);
  grow(area);
}
form.addEventListener("input", ({ target }) => {
  if (target.tagName !== "TEXTAREA") return;
  grow(target);
  if (preview(target)) render(target);
});

// Sentence starters become buttons that put their words where the caret was.
let last = null;
const visited = new WeakSet(); // a field where nobody has been yet has its caret before the first word
form.addEventListener("focusin", ({ target }) => {
  if (target.tagName !== "TEXTAREA") return;
  last = target;
  visited.add(target);
});
for (const item of form.querySelectorAll(".starters li")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "starter";
  button.textContent = item.textContent;
  item.replaceChildren(button);
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const home = button.closest(".section");
    const area = last && home.contains(last) ? last : home.querySelector("textarea");
    if (!visited.has(area)) area.setSelectionRange(area.value.length, area.value.length);
    const words = button.textContent.replace(/[\s…]+$/, "").replace(/\.{3}$/, "").trimEnd();
    const before = area.value.slice(0, area.selectionStart);
    insert(area, `${before && !/\s$/.test(before) ? " " : ""}${words} `);
  });
}

// The way through the sections shows where the writer is.
const here = document.querySelector(".sections [aria-current]");
const way = here?.closest("aside");
if (way) way.scrollLeft = here.offsetLeft - way.offsetLeft - 16;

// Evidence is sent by a module of its own, fetched once there is something to send; without a connection that waits too.
let sender = null;
async function fetchSender(status) {
  for (let tries = 0; !sender; tries += 1) {
    sender = await import(`./evidence.js?${tries}`).catch(() => null); // some browsers ask only once for the same address
    if (sender) return;
    status.textContent = dataset.again;
    await new Promise((done) => {
      setTimeout(done, 5000);
      addEventListener("online", done, { once: true });
    });
  }
}

for (const home of form.querySelectorAll(".evidence")) {
  const part = home.closest(".section");
  const give = async (files) => {
    if (!files.length) return;
    const chosen = [...files]; // what was dropped is there for a moment only
    await fetchSender(home.querySelector(".sending"));
    await sender.sendAll(chosen, { home, form });
  };
  home.querySelector("input[type=file]").addEventListener("change", async ({ target }) => {
    const files = [...target.files];
    target.value = "";
    await give(files);
  });
  part.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  part.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    give(event.dataTransfer.files);
  });
  part.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    give(event.clipboardData.files);
  });
}
