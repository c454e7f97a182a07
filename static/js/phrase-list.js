// The list of phrases under a field: its elements, and which option is active.

import { find, findAll, statusParagraph } from "./dom.js";
import { hasWords, shortened } from "./phrase-text.js";

export const panel = find("#phrase-panel");

const MAX_SHOWN = 60; // characters of the words that can be kept as a phrase
const ANNOUNCE_DELAY = 100; // milliseconds: a screen reader reads out what changes, not what is new
const SAVE_OPTION_ID = "phrase-keep";

const listbox = document.createElement("ul");
listbox.id = "phrase-list";
listbox.setAttribute("role", "listbox");
listbox.tabIndex = 0; // it scrolls; the Tab key itself closes it
listbox.setAttribute("aria-label", find("summary", panel).textContent ?? "");
const instructions = document.createElement("p");
instructions.className = "phrase-status";
instructions.textContent = panel.dataset.how ?? "";

export const popup = document.createElement("div");
popup.className = "phrase-popup";
popup.append(listbox, instructions);

/** @type {HTMLElement | null} */
export let activeOption = null;

const status = statusParagraph("phrase-status");

/** @type {ReturnType<typeof setTimeout> | undefined} */
let announceTimer;

/**
 * Have a screen reader say something at a field.
 *
 * @param {HTMLElement} area
 * @param {string | undefined} message
 */
export function announce(area, message) {
  if (status.parentElement !== area.parentElement) area.parentElement?.append(status);
  stopAnnouncing();
  announceTimer = setTimeout(() => (status.textContent = message ?? ""), ANNOUNCE_DELAY);
}

function stopAnnouncing() {
  clearTimeout(announceTimer);
  status.textContent = "";
}

/** @param {string} id */
function emptyOption(id) {
  const option = document.createElement("li");
  option.id = id;
  option.setAttribute("role", "option");
  return option;
}

/** @param {HTMLElement} item of the panel */
function toOption(item) {
  const option = emptyOption(`phrase-${item.dataset.phrase}`);
  option.append(...[...item.children].map((part) => part.cloneNode(true)));
  return option;
}

/**
 * Return the first option while words are selected: to keep these.
 *
 * @param {string} selected
 */
function saveOption(selected) {
  const option = emptyOption(SAVE_OPTION_ID);
  const line = document.createElement("p");
  const quote = document.createElement("q");
  quote.textContent = shortened(selected, MAX_SHOWN);
  line.append(`${panel.dataset.keep}: `, quote);
  option.append(line);
  return option;
}

/** @param {HTMLElement} option */
export function isSaveOption(option) {
  return option.id === SAVE_OPTION_ID;
}

export function hasPhrases() {
  return panel.querySelector("[data-phrase]") !== null;
}

/**
 * Show the list under a field; return false when there is nothing in it.
 *
 * @param {HTMLTextAreaElement} area
 * @param {string} selected words that can be kept; "" for none
 */
export function showList(area, selected) {
  const phrases = findAll("[data-phrase]", panel).map(toOption);
  listbox.replaceChildren(...(selected ? [saveOption(selected)] : []), ...phrases);
  if (!listbox.children.length) return false;
  area.after(popup);
  area.setAttribute("aria-autocomplete", "list"); // a textarea may have no role but its own
  area.setAttribute("aria-controls", listbox.id);
  announce(area, panel.dataset.how);
  return true;
}

/** @param {HTMLTextAreaElement} area */
export function hideList(area) {
  for (const name of ["aria-activedescendant", "aria-controls", "aria-autocomplete"]) {
    area.removeAttribute(name);
  }
  stopAnnouncing();
  popup.remove();
  activeOption = null;
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {HTMLElement} option
 */
function setActive(area, option) {
  activeOption?.setAttribute("aria-selected", "false");
  activeOption = option;
  option.setAttribute("aria-selected", "true");
  area.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function visibleOptions() {
  return findAll("li", listbox).filter((option) => !option.hidden);
}

/**
 * Show what has all the words that were typed; return false when that is nothing.
 *
 * @param {HTMLTextAreaElement} area
 * @param {string} typed
 */
export function filterOptions(area, typed) {
  for (const option of findAll("li", listbox)) {
    option.hidden = !hasWords(option.textContent ?? "", typed);
  }
  const visible = visibleOptions();
  if (!visible.length) return false;
  const isStillThere = activeOption && visible.includes(activeOption);
  setActive(area, isStillThere ? /** @type {HTMLElement} */ (activeOption) : visible[0]);
  return true;
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {1 | -1} by
 */
export function moveActive(area, by) {
  const visible = visibleOptions();
  const current = visible.findIndex((option) => option === activeOption);
  setActive(area, visible[(current + by + visible.length) % visible.length]);
}

/**
 * Add a phrase that was kept just now.
 *
 * @param {number} id
 * @param {string} text
 * @param {string} language
 */
export function addToPanel(id, text, language) {
  if (panel.querySelector(`[data-phrase="${id}"]`)) return;
  const item = document.createElement("li");
  item.dataset.phrase = String(id);
  const line = document.createElement("p");
  line.className = "phrase js-phrase";
  line.lang = language;
  line.textContent = text;
  item.append(line);
  phraseItems().append(item);
}

function phraseItems() {
  const items = panel.querySelector(".js-phrases");
  if (items) return items;
  const newItems = document.createElement("ul");
  newItems.className = "phrases js-phrases";
  find("summary", panel).after(newItems);
  return newItems;
}
