// Select words of the student and write a remark about them: by mouse, touch or keyboard.
// Without this script the teacher copies the words into a field.

import { find, findAll, findForm, readRules } from "./dom.js";
import { addToolbar } from "./editor.js";
import { highlight, quoteSelection } from "./highlights.js";

const SELECTION_DELAY = 150; // milliseconds after the selection has changed
const MAX_SHOWN = 120; // characters of the quote above a remark, as in teacher/remark_box.html

const form = findForm("form[data-editor]");
const rules = readRules("passage-rules");
const boxTemplate = copyOf("remark-box");
const remarkButton = copyOf("remark-button");

/** @param {string} id of a template with one element */
function copyOf(id) {
  const template = /** @type {HTMLTemplateElement} */ (find(`#${id}`));
  return /** @type {HTMLElement} */ (template.content.firstElementChild);
}

/** Return the text that the selection is in, the column for its remarks, and the range. */
function readSelection() {
  const selection = document.getSelection();
  if (!selection?.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const text = [range.startContainer, range.endContainer].map(studentTextOf).find(Boolean);
  /** @type {HTMLElement | null | undefined} */
  const column = text?.closest("section")?.querySelector("[data-remarks]");
  return text && column ? { text, column, range } : null;
}

/**
 * @param {Node} node
 * @returns {HTMLElement | null | undefined}
 */
function studentTextOf(node) {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest(".js-student-text [data-field]");
}

/** Return what is selected as a quote; null when that cannot be one. */
function selectedQuote() {
  const selected = readSelection();
  const quote = selected && quoteSelection(selected.text, selected.range, rules);
  return quote ? { ...selected, quote } : null;
}

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Add a remark about what is selected; return whether there is one. */
function addRemark() {
  const selected = selectedQuote();
  if (!selected) return false;
  const { text, column, quote } = selected;
  const key = randomKey();
  const section = column.dataset.remarks;
  const box = fillBox(key, { ...quote, section, field: text.dataset.field });
  highlight(quote.parts, key);
  document.getSelection()?.removeAllRanges();
  remarkButton.remove();
  const boxes = find(".js-boxes", column);
  boxes.append(box);
  renumber();
  const remarks = findAll(":scope > .js-remark", boxes);
  boxes.append(...remarks.sort((one, other) => numberOf(one) - numberOf(other)));
  const area = /** @type {HTMLTextAreaElement} */ (find("textarea", box));
  addToolbar(area);
  area.focus();
  return true;
}

/** @param {HTMLElement} box */
function numberOf(box) {
  return Number(find(".js-number", box).textContent);
}

/**
 * @param {string} key
 * @param {Record<string, any>} values of the hidden fields
 */
function fillBox(key, values) {
  const box = /** @type {HTMLElement} */ (boxTemplate.cloneNode(true));
  for (const element of [box, ...box.querySelectorAll("*")]) {
    for (const attribute of element.attributes) {
      attribute.value = attribute.value.replaceAll("KEY", key);
    }
  }
  for (const input of findAll("input[type=hidden]", box)) {
    const field = /** @type {HTMLInputElement} */ (input);
    field.value = values[field.name.split("--").pop() ?? ""];
  }
  const { quote } = values;
  find("q", box).textContent =
    quote.length > MAX_SHOWN ? `${quote.slice(0, MAX_SHOWN - 3)}…` : quote;
  return box;
}

/** Number the remarks in reading order; those whose words are gone come last in their section. */
function renumber() {
  let next = 1;
  for (const section of form.querySelectorAll("section")) {
    const links = findAll(".remark-ref a", section);
    const marked = links.map((link) => (link.getAttribute("href") ?? "").slice(1));
    const boxes = findAll(".js-boxes > .js-remark", section).map((box) => box.id);
    for (const id of [...marked, ...boxes.filter((box) => !marked.includes(box))]) {
      setNumber(section, id, next);
      next += 1;
    }
  }
}

/**
 * @param {Element} section
 * @param {string} id of the remark's box
 * @param {number} number
 */
function setNumber(section, id, number) {
  const box = document.getElementById(id);
  const link = section.querySelector(`.remark-ref a[href="#${CSS.escape(id)}"]`);
  for (const element of box ? findAll(".js-number", box) : []) element.textContent = String(number);
  if (!link) return;
  link.textContent = String(number);
  link.setAttribute("aria-label", `${remarkButton.dataset.name} ${number}`);
}

/** Put the button below the end of the selection: a phone shows its own buttons above it. */
function positionButton() {
  const selected = selectedQuote();
  const lines = selected?.range.getClientRects() ?? [];
  const last = lines[lines.length - 1];
  if (!selected || !last) {
    remarkButton.remove();
    return;
  }
  selected.column.append(remarkButton);
  const parent = remarkButton.offsetParent ?? document.documentElement;
  const origin = parent.getBoundingClientRect();
  const right = Math.min(last.right, document.documentElement.clientWidth - 8);
  const left = Math.max(8, right - remarkButton.offsetWidth);
  remarkButton.style.insetBlockStart = `${last.bottom - origin.top + 10}px`;
  remarkButton.style.insetInlineStart = `${left - origin.left}px`;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let selectionTimer;
document.addEventListener("selectionchange", () => {
  clearTimeout(selectionTimer);
  selectionTimer = setTimeout(positionButton, SELECTION_DELAY);
});
// The words must stay selected.
remarkButton.addEventListener("mousedown", (event) => event.preventDefault());
remarkButton.addEventListener("click", addRemark);

document.addEventListener("keydown", (event) => {
  if (event.code !== "KeyR" || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (!addRemark()) openManualRemark();
});

/** Without a selection: open the fields into which the words can be copied. */
function openManualRemark() {
  const section =
    document.activeElement?.closest("form[data-editor] section") ??
    form.querySelector("section:has([data-remarks])");
  /** @type {HTMLDetailsElement | null | undefined} */
  const manual = section?.querySelector(".js-manual:last-of-type");
  if (!manual) return;
  manual.open = true;
  find("textarea", manual).focus();
}

// A remark that is taken away stays in sight until the page is left, so that it can come back.
form.addEventListener("change", ({ target }) => {
  const box = /** @type {HTMLInputElement} */ (target);
  if (box.name?.endsWith("--away")) {
    box.closest(".js-remark")?.toggleAttribute("data-away", box.checked);
  }
});
