// Own phrases while answering: a slash, or the button, opens a list under the field, and what is
// chosen is typed for you. The field keeps the focus and the cursor, so that typing on filters the
// list, and undo takes a phrase back.

import { find, findForm, hiddenField } from "./dom.js";
import { insertText, toolActions } from "./editor.js";
import {
  activeOption,
  addToPanel,
  announce,
  filterOptions,
  hasPhrases,
  hideList,
  isSaveOption,
  moveActive,
  panel,
  popup,
  showList,
} from "./phrase-list.js";
import { findPlaceholder, withPlaceholder } from "./phrase-text.js";
import { postFields } from "./request.js";

const form = findForm("form[data-editor]");
const PLACEHOLDERS = (panel.dataset.placeholders ?? "").split(" ");

/**
 * The list that is open.
 *
 * @typedef {object} OpenList
 * @property {HTMLTextAreaElement} area the field
 * @property {number} from where its slash is
 * @property {number} to the cursor after what was typed
 * @property {boolean} ownsSlash whether the button put the slash there
 * @property {string} selected words that can be kept; then there is no slash
 */

/** @type {OpenList | null} */
let openList = null;

/**
 * @param {HTMLTextAreaElement} area
 * @param {number} from
 * @param {{ownsSlash?: boolean, selected?: string}} [options]
 */
function openPopup(area, from, { ownsSlash = false, selected = "" } = {}) {
  closePopup();
  if (!showList(area, selected)) {
    hideList(area);
    return;
  }
  openList = { area, from, to: area.selectionEnd, ownsSlash, selected };
  filter("");
  popup.scrollIntoView({ block: "nearest" });
}

/**
 * Filter the list by what was typed after the slash. With nothing left, it was just a slash.
 *
 * @param {string} typed
 */
function filter(typed) {
  if (openList && !filterOptions(openList.area, typed)) closePopup();
}

function closePopup() {
  if (!openList) return;
  hideList(openList.area);
  openList = null;
}

/** Close the list and leave everything as it was typed; a slash that the button put there goes. */
function cancelPopup() {
  if (!openList) return;
  const { area, from, to, ownsSlash } = openList;
  closePopup();
  if (ownsSlash && to === from + 1) removeSlash(area, from);
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {number} at
 */
function removeSlash(area, at) {
  const shifted = (/** @type {number} */ index) => (index > at ? index - 1 : index);
  const start = shifted(area.selectionStart);
  const end = shifted(area.selectionEnd);
  if (document.activeElement === area) {
    area.setSelectionRange(at, at + 1);
    if (document.execCommand("delete")) {
      area.setSelectionRange(start, end);
      return;
    }
  }
  area.setRangeText("", at, at + 1, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {HTMLElement} option */
function applyOption(option) {
  if (!openList) return;
  const { area, from, to, selected } = openList;
  if (isSaveOption(option)) {
    closePopup();
    savePhrase(area, selected);
    return;
  }
  const text = find(".js-phrase", option).textContent ?? "";
  const overuse = option.querySelector(".js-overused")?.textContent;
  closePopup();
  area.setSelectionRange(from, to); // the slash and what follows; nothing where words were selected
  insertText(area, text);
  const placeholder = findPlaceholder(text, PLACEHOLDERS);
  if (placeholder) {
    const start = from + placeholder.index;
    area.setSelectionRange(start, start + placeholder.length);
  }
  if (overuse) announce(area, overuse);
}

/** Return whether the cursor left what was typed: then the keys are the field's own again. */
function caretMoved() {
  return openList !== null && openList.area.selectionEnd !== openList.to;
}

form.addEventListener("input", (event) => {
  const area = event.target;
  if (!(area instanceof HTMLTextAreaElement)) return;
  if (openList?.area === area) followTyping(openList);
  else if (event instanceof InputEvent && isNewSlash(event, area)) {
    openPopup(area, area.selectionStart - 1);
  }
});

/** @param {OpenList} list */
function followTyping(list) {
  const { area, from, selected } = list;
  const cursor = area.selectionStart;
  const typed = area.value.slice(from + 1, cursor);
  list.to = area.selectionEnd;
  const isGone = area.value[from] !== "/" || cursor <= from || /^\s|\n/.test(typed);
  if (selected || isGone) closePopup();
  else filter(typed);
}

/**
 * Return whether this input is a slash at the start of a word.
 *
 * @param {InputEvent} event
 * @param {HTMLTextAreaElement} area
 */
function isNewSlash(event, area) {
  const at = area.selectionStart - 1;
  const isSlash = event.inputType === "insertText" && event.data === "/";
  return isSlash && (at === 0 || /\s/.test(area.value[at - 1]));
}

form.addEventListener("keydown", onKey, { capture: true });

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (!openList || event.target !== openList.area || event.isComposing) return;
  if (event.key === "Tab" || caretMoved()) {
    cancelPopup();
    return;
  }
  const action = keyActions[event.key];
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  if (!action || hasModifier) return;
  event.preventDefault();
  event.stopPropagation(); // these keys are the list's own while it is open
  action(openList);
}

/** @type {Record<string, (list: OpenList) => void>} */
const keyActions = {
  ArrowDown: ({ area }) => moveActive(area, 1),
  ArrowUp: ({ area }) => moveActive(area, -1),
  Enter: () => activeOption && applyOption(activeOption),
  Escape: cancelPopup,
};

document.addEventListener("selectionchange", () => {
  if (caretMoved()) cancelPopup();
});
form.addEventListener("focusout", ({ target }) => {
  if (target === openList?.area) cancelPopup();
});
popup.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the cursor
popup.addEventListener("click", ({ target }) => {
  /** @type {HTMLElement | null} */
  const option = /** @type {Element} */ (target).closest("[role=option]");
  if (option) applyOption(option);
});

toolActions.phrases = (area) => {
  if (openList) {
    cancelPopup();
    return;
  }
  area.focus();
  const end = area.selectionEnd;
  const selected = area.value.slice(area.selectionStart, end).trim();
  if (selected) openPopup(area, end, { selected });
  else if (!hasPhrases()) announce(area, panel.dataset.none);
  else {
    const before = area.value[end - 1] ?? " ";
    insertText(area, /\s/.test(before) ? "/" : " /");
    openPopup(area, area.selectionEnd - 1, { ownsSlash: true });
  }
};

/**
 * @param {HTMLTextAreaElement} area
 * @param {string} selected
 */
async function savePhrase(area, selected) {
  const { name = "", place = "", own = "", failed } = panel.dataset;
  const text = withPlaceholder(selected, name, place);
  const token = hiddenField(form, "csrf_token").value;
  const { ok, reply } = await postFields(own, { text, subject: "" }, token);
  announce(area, reply?.sentence ?? failed);
  if (ok && reply) addToPanel(reply.id, selected, form.dataset.language ?? "");
}
