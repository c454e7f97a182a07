// Help with writing: a toolbar, sentence starters, fields that grow, evidence. Typing works without
// it too.

import { insertText } from "./insert-text.js";
import { previewOf, renderPreview } from "./preview.js";
import { addStarters } from "./sentence-starters.js";
import { addToolbar, toolActions } from "./toolbar.js";
import { form } from "./tools-form.js";
import { watchEvidence } from "./evidence-fields.js";

export { addToolbar, insertText, toolActions };

const hasFieldSizing = CSS.supports("field-sizing", "content");

/** @param {HTMLTextAreaElement} area */
function autoGrow(area) {
  if (hasFieldSizing) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

for (const area of form.querySelectorAll("textarea")) {
  if (area.matches(".js-no-toolbar")) continue;
  addToolbar(area);
  autoGrow(area);
}
form.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLTextAreaElement)) return;
  autoGrow(target);
  if (previewOf(target)) renderPreview(target);
});
addStarters(form);
sayThatItSaves();
watchEvidence(form);
showCurrentSection();

/** Scroll the list of sections to the one that is being written. */
function showCurrentSection() {
  /** @type {HTMLElement | null} */
  const currentLink = document.querySelector("aside [aria-current]");
  const sectionNav = currentLink?.closest("aside");
  if (!currentLink || !sectionNav) return;
  sectionNav.scrollLeft = currentLink.offsetLeft - sectionNav.offsetLeft - 16;
}

/** Say that what is typed is kept by itself: only a script can do that, so only it says so. */
function sayThatItSaves() {
  /** @type {HTMLElement | null} */
  const note = document.querySelector("[data-autosaves]"); // an empty line: nothing moves for it
  if (note) note.textContent = note.dataset.autosaves ?? "";
}
