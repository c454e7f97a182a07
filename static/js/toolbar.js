// The toolbar of a text field: one stop for the Tab key, arrow keys inside it. Its style shows it
// only while its field is in use.

import { editFormula } from "./formula-tool.js";
import { applyEdit } from "./insert-text.js";
import { togglePreview } from "./preview.js";
import { continueList, toggleList, toggleMark } from "./text-edits.js";
import { toolbar } from "./tools-form.js";

/**
 * What each tool does to its field; a script with a tool of its own adds to it.
 *
 * @type {Record<string, (area: HTMLTextAreaElement) => unknown>}
 */
export const toolActions = {
  bold: (area) => applyEdit(area, toggleMark(area, "**")),
  italic: (area) => applyEdit(area, toggleMark(area, "*")),
  list: (area) => applyEdit(area, toggleList(area)),
  formula: editFormula,
  preview: togglePreview,
};

/** @type {Record<string, string>} */
const TOOL_BY_KEY = { b: "bold", i: "italic", m: "formula" };

/** @param {HTMLTextAreaElement} area */
export function addToolbar(area) {
  const own = /** @type {HTMLElement} */ (toolbar?.cloneNode(true));
  own.setAttribute("aria-controls", area.id);
  area.after(own);
  own.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the cursor
  own.addEventListener("click", ({ target }) => {
    const button = /** @type {Element} */ (target).closest("button");
    if (button) toolActions[button.dataset.tool ?? ""](area);
  });
  moveByArrows(own);
  area.addEventListener("keydown", (event) => onKey(event, area));
}

/**
 * Give the buttons one stop for the Tab key, and let the arrow keys go from one to the next.
 *
 * @param {HTMLElement} own the toolbar
 */
function moveByArrows(own) {
  const buttons = [...own.querySelectorAll("button")];
  const setTabStop = (/** @type {number} */ stop) =>
    buttons.forEach((button, index) => (button.tabIndex = index === stop ? 0 : -1));
  setTabStop(0);
  own.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const current = buttons.findIndex((button) => button === document.activeElement);
    const next = (current + step + buttons.length) % buttons.length;
    setTabStop(next);
    buttons[next].focus();
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLTextAreaElement} area
 */
function onKey(event, area) {
  const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
  const hasControl = ctrlKey || metaKey;
  if (shiftKey || altKey) return;
  if (key === "Enter" && !event.isComposing && !hasControl) {
    const edit = continueList(area);
    if (!edit) return;
    event.preventDefault();
    applyEdit(area, edit);
  } else if (hasControl && Object.hasOwn(TOOL_BY_KEY, key)) {
    event.preventDefault();
    toolActions[TOOL_BY_KEY[key]](area);
  }
}
