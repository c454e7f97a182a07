// Select words of the student and write a remark about them: by mouse, touch or keyboard. Filling in two fields does it too.

import { equip } from "./editor.js";
import { mark, passage } from "./passage.js";

const form = document.querySelector("form[data-editor]");
const empty = document.getElementById("remark-box").content.firstElementChild;
const offer = document.getElementById("remark-this").content.firstElementChild;

/** Gives the text that the selection is in, and what part of it that is; null when it is in none. */
function selected() {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const text = [range.startContainer, range.endContainer].map(textOf).find(Boolean);
  const home = text?.closest("section")?.querySelector("[data-remarks]");
  return home ? { text, home, range } : null;
}

function textOf(node) {
  return (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".voice.student [data-field]");
}

function key() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Writes a remark about what is selected. */
function write() {
  const { text, home, range } = selected() ?? {};
  const found = text && passage(text, range);
  if (!found || found.tooLong) return false;
  const name = key();
  const box = filled(name, { ...found, section: home.dataset.remarks, field: text.dataset.field });
  mark(found.parts, name);
  document.getSelection().removeAllRanges();
  offer.remove();
  home.querySelector(".boxes").append(box);
  count();
  const boxes = [...home.querySelectorAll(".boxes > .remark-box")].sort((one, other) => number(one) - number(other));
  home.querySelector(".boxes").append(...boxes);
  const area = box.querySelector("textarea");
  equip(area);
  area.focus();
  return true;
}

const number = (box) => Number(box.querySelector(".n").textContent);

function filled(name, told) {
  const box = empty.cloneNode(true);
  for (const one of [box, ...box.querySelectorAll("*")]) {
    for (const attribute of one.attributes) attribute.value = attribute.value.replaceAll("KEY", name);
  }
  for (const field of box.querySelectorAll("input[type=hidden]")) field.value = told[field.name.split("--").at(-1)];
  box.querySelector("q").textContent = told.quote.length > 120 ? `${told.quote.slice(0, 117)}…` : told.quote;
  return box;
}

/** Numbers the remarks in reading order; those whose words are gone come after the others of their section. */
function count() {
  let next = 1;
  for (const section of form.querySelectorAll("section.said")) {
    const seen = [...section.querySelectorAll(".remark-ref a")].map((link) => link.getAttribute("href").slice(1));
    const boxes = [...section.querySelectorAll(".boxes > .remark-box")].map((box) => box.id);
    for (const id of [...seen, ...boxes.filter((id) => !seen.includes(id))]) {
      const box = document.getElementById(id);
      box?.querySelectorAll(".n").forEach((one) => (one.textContent = next));
      const link = section.querySelector(`.remark-ref a[href="#${CSS.escape(id)}"]`);
      if (link) {
        link.textContent = next;
        link.setAttribute("aria-label", `${offer.dataset.name} ${next}`);
      }
      next += 1;
    }
  }
}

// The button stands under the end of what is selected, out of the way of what a phone shows above it.
function place() {
  const { text, home, range } = selected() ?? {};
  if (!text || !passage(text, range)) return offer.remove();
  const lines = range.getClientRects();
  const last = lines[lines.length - 1];
  if (!last) return offer.remove();
  home.append(offer);
  const origin = (offer.offsetParent ?? document.documentElement).getBoundingClientRect();
  const left = Math.min(last.right, document.documentElement.clientWidth - 8) - offer.offsetWidth;
  offer.style.insetBlockStart = `${last.bottom - origin.top + 10}px`;
  offer.style.insetInlineStart = `${Math.max(8, left) - origin.left}px`;
}

let waiting = null;
document.addEventListener("selectionchange", () => {
  clearTimeout(waiting);
  waiting = setTimeout(place, 150);
});
offer.addEventListener("mousedown", (event) => event.preventDefault()); // the words stay selected
offer.addEventListener("click", write);

document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyR" || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (write()) return;
  const near = document.activeElement.closest("section.said") ?? form.querySelector("section.said:has([data-remarks])");
  const byHand = near?.querySelector(".by-hand:last-of-type");
  if (!byHand) return;
  byHand.open = true;
  byHand.querySelector("textarea").focus();
});

// What is taken away is kept in sight until the page is left, so that it can come back.
form.addEventListener("change", ({ target }) => {
  if (target.name?.endsWith("--away")) target.closest(".remark-box").toggleAttribute("data-away", target.checked);
});
