// Own phrases while answering: a slash, or the button, opens a list under the field; what is chosen is typed for you.
// The field keeps the focus and the caret, so typing on filters the list, and undo takes a phrase back.

import { acts, insert } from "./editor.js";

const form = document.querySelector("form[data-editor]");
const drawer = document.getElementById("phrases");
const { dataset } = drawer;
const PLACE = /\{\s*(?:naam|name|voornemen|goal)\s*\}/i;

const said = document.createElement("p");
said.className = "phrase-said";
said.setAttribute("role", "status");

const offer = document.createElement("div");
offer.className = "phrase-offer";
const list = document.createElement("ul");
list.id = "phrase-list";
list.setAttribute("role", "listbox");
list.tabIndex = 0; // it scrolls; the Tab key itself closes it and goes on from the field
list.setAttribute("aria-label", drawer.querySelector("summary").textContent);
const how = document.createElement("p");
how.className = "phrase-said";
how.textContent = dataset.how;
offer.append(list, how);

// { area, from, to, lent, chosen }: the field, its slash, the caret after what was typed, whether the button put the slash
// there; or chosen words.
let open = null;
let active = null;

function option(item) {
  const made = document.createElement("li");
  made.id = `phrase-${item.dataset.phrase}`;
  made.setAttribute("role", "option");
  made.append(...[...item.children].map((part) => part.cloneNode(true)));
  return made;
}

/** The first of the list while words are selected: keep these. */
function keeping(chosen) {
  const made = document.createElement("li");
  made.id = "phrase-keep";
  made.setAttribute("role", "option");
  const line = document.createElement("p");
  const quote = document.createElement("q");
  quote.textContent = chosen.length > 60 ? `${chosen.slice(0, 60)}…` : chosen;
  line.append(`${dataset.keep}: `, quote);
  made.append(line);
  return made;
}

const words = (one) => one.querySelector(".phrase").textContent;
const all = () => [...drawer.querySelectorAll("[data-phrase]")].map(option);

let telling = null;
function tell(area, sentence) {
  if (said.parentElement !== area.parentElement) area.parentElement.append(said);
  hush();
  telling = setTimeout(() => (said.textContent = sentence), 100); // a screen reader tells what changes
}

function hush() {
  clearTimeout(telling);
  said.textContent = "";
}

function begin(area, from, { lent = false, chosen = "" } = {}) {
  close();
  open = { area, from, to: area.selectionEnd, lent, chosen };
  list.replaceChildren(...(chosen ? [keeping(chosen)] : []), ...all());
  if (!list.children.length) return close();
  area.after(offer);
  area.setAttribute("aria-autocomplete", "list"); // a textarea may have no other role than its own
  area.setAttribute("aria-controls", list.id);
  tell(area, dataset.how);
  filter("");
  offer.scrollIntoView({ block: "nearest" });
}

/** Shows what has all the words typed after the slash; nothing left: the slash was just a slash. */
function filter(typed) {
  const asked = typed.toLocaleLowerCase().split(/\s+/);
  for (const one of list.children) {
    const text = one.textContent.toLocaleLowerCase();
    one.hidden = !asked.every((word) => text.includes(word));
  }
  const left = shown();
  if (!left.length) return close();
  point(left.includes(active) ? active : left[0]);
}

const shown = () => [...list.children].filter((one) => !one.hidden);

function point(one) {
  active?.setAttribute("aria-selected", "false");
  active = one;
  one.setAttribute("aria-selected", "true");
  open.area.setAttribute("aria-activedescendant", one.id);
  one.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const left = shown();
  point(left[(left.indexOf(active) + by + left.length) % left.length]);
}

function close() {
  if (!open) return;
  for (const name of ["aria-activedescendant", "aria-controls", "aria-autocomplete"]) open.area.removeAttribute(name);
  hush();
  offer.remove();
  open = active = null;
}

/** Leaves everything as it was typed; a slash that the button put there goes again. */
function leave() {
  const { area, from, to, lent } = open;
  const untouched = lent && to === from + 1;
  close();
  if (!untouched) return;
  const [begins, ends] = [area.selectionStart, area.selectionEnd].map((at) => (at > from ? at - 1 : at));
  if (document.activeElement === area) {
    area.setSelectionRange(from, from + 1);
    if (document.execCommand("delete")) return area.setSelectionRange(begins, ends);
  }
  area.setRangeText("", from, from + 1, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function choose(one) {
  const { area, from, to, chosen } = open;
  if (one.id === "phrase-keep") {
    close();
    return keep(area, chosen);
  }
  const text = words(one);
  const repeats = one.querySelector(".repeats")?.textContent;
  close();
  area.setSelectionRange(from, to); // the slash and what was typed after it; nothing where words were selected
  insert(area, text);
  const place = PLACE.exec(text);
  if (place) area.setSelectionRange(from + place.index, from + place.index + place[0].length);
  if (repeats) tell(area, repeats);
}

const typedAfter = ({ area, from }) => area.value.slice(from + 1, area.selectionStart);

form.addEventListener("input", (event) => {
  const area = event.target;
  if (area.tagName !== "TEXTAREA") return;
  const at = area.selectionStart - 1;
  if (open && open.area === area) {
    if (open.chosen) return close();
    const typed = typedAfter(open);
    open.to = area.selectionEnd;
    const gone = area.value[open.from] !== "/" || at < open.from || /^\s|\n/.test(typed);
    return gone ? close() : filter(typed);
  }
  if (event.inputType === "insertText" && event.data === "/" && (at === 0 || /\s/.test(area.value[at - 1]))) {
    begin(area, at);
  }
});

form.addEventListener(
  "keydown",
  (event) => {
    if (!open || event.target !== open.area || event.isComposing) return;
    if (event.key === "Tab" || wentElsewhere()) return leave();
    const does = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: () => choose(active), Escape: leave }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation(); // these keys are the list's own while it is open
    does();
  },
  { capture: true },
);
/** Says whether the caret left what was typed after the slash: then the keys are the field's own again. */
const wentElsewhere = () => open.area.selectionEnd !== open.to;
document.addEventListener("selectionchange", () => open && wentElsewhere() && leave());
form.addEventListener("focusout", ({ target }) => open && target === open.area && leave());
offer.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps its caret
offer.addEventListener("click", ({ target }) => {
  const one = target.closest("[role=option]");
  if (one) choose(one);
});

acts.phrases = (area) => {
  if (open) return leave();
  area.focus();
  const chosen = area.value.slice(area.selectionStart, area.selectionEnd).trim();
  if (chosen) return begin(area, area.selectionEnd, { chosen });
  if (!all().length) return tell(area, dataset.none);
  const before = area.value[area.selectionEnd - 1];
  insert(area, before && !/\s/.test(before) ? " /" : "/");
  begin(area, area.selectionEnd - 1, { lent: true });
};

/** Puts the place for a name where the name of this student stands. */
function forAnybody(text) {
  const name = dataset.name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(?<!\\p{L})${name}(?!\\p{L})`, "gu"), dataset.place);
}

async function keep(area, chosen) {
  const body = new URLSearchParams({ text: forAnybody(chosen), subject: "" });
  body.set("csrf_token", form.elements.csrf_token.value);
  const headers = { Accept: "application/json" };
  const answer = await fetch(dataset.own, { method: "POST", headers, body }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  tell(area, told?.sentence ?? dataset.failed);
  if (answer?.ok && told) remember(told.id, chosen);
}

function remember(id, text) {
  if (drawer.querySelector(`[data-phrase="${id}"]`)) return;
  let phrases = drawer.querySelector(".phrases");
  if (!phrases) {
    phrases = document.createElement("ul");
    phrases.className = "phrases";
    drawer.querySelector("summary").after(phrases);
  }
  const item = document.createElement("li");
  item.dataset.phrase = id;
  const line = document.createElement("p");
  line.className = "phrase";
  line.lang = form.dataset.language;
  line.textContent = text;
  item.append(line);
  phrases.append(item);
}
