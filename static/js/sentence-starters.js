// Sentence starters become buttons that put their words where the cursor was.

import { find } from "./dom.js";
import { insertText } from "./insert-text.js";
import { starterWords } from "./text-edits.js";

/** @type {HTMLTextAreaElement | null} */
let lastFocused = null;
const focusedFields = new WeakSet();

/** @param {HTMLFormElement} form */
export function addStarters(form) {
  form.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLTextAreaElement)) return;
    lastFocused = target;
    focusedFields.add(target);
  });
  for (const item of form.querySelectorAll(".starters li")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "starter";
    button.textContent = item.textContent;
    item.replaceChildren(button);
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => insertStarter(button));
  }
}

/** @param {HTMLButtonElement} button */
function insertStarter(button) {
  const section = /** @type {Element} */ (button.closest("section, #closing"));
  const first = /** @type {HTMLTextAreaElement} */ (find("textarea", section));
  const area = lastFocused && section.contains(lastFocused) ? lastFocused : first;
  // A field where nobody has been yet has its cursor before the first word.
  if (!focusedFields.has(area)) area.setSelectionRange(area.value.length, area.value.length);
  const before = area.value.slice(0, area.selectionStart);
  const space = before && !/\s$/.test(before) ? " " : "";
  insertText(area, `${space}${starterWords(button.textContent)} `);
}
