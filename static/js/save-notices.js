// Show what a save may answer about one section: that it has two texts now, or one that is too
// long. The words are in templates/shared/editor.html.

import { find, findAll } from "./dom.js";
import { form } from "./editor-form.js";

/**
 * Copy the first element of a template.
 *
 * @param {string} id
 */
function copyOf(id) {
  const template = /** @type {HTMLTemplateElement} */ (find(`#${id}`));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/**
 * Tell that a section has two texts; the writer decides when the page shows them side by side.
 *
 * @param {string} key of the section
 * @param {() => void} showBoth
 */
export function showConflict(key, showBoth) {
  const section = document.getElementById(key);
  if (!section || section.querySelector(".js-conflict-notice")) return;
  const notice = copyOf("conflict-notice");
  find("button", notice).addEventListener("click", showBoth);
  section.prepend(notice);
}

export function clearTooLong() {
  for (const message of findAll(".js-too-long", form)) {
    const field = find(`[aria-describedby~="${CSS.escape(message.id)}"]`, form);
    describe(field, (ids) => ids.filter((id) => id !== message.id));
    field.removeAttribute("aria-invalid");
    message.remove();
  }
}

/**
 * Change by which elements a field is described.
 *
 * @param {HTMLElement} field
 * @param {(ids: string[]) => string[]} change
 */
function describe(field, change) {
  const before = field.getAttribute("aria-describedby")?.split(" ") ?? [];
  const ids = change(before.filter(Boolean));
  if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
  else field.removeAttribute("aria-describedby");
}

/**
 * Tell which fields of a section are too long.
 *
 * @param {string} key of the section
 */
export function showTooLong(key) {
  const maxLength = Number(find("#too-long").dataset.maxLength);
  for (const field of findAll(`[name^="${CSS.escape(key)}--"]`, form)) {
    if (/** @type {HTMLTextAreaElement} */ (field).value.length <= maxLength) continue;
    const message = copyOf("too-long");
    message.classList.add("js-too-long");
    message.id = `${field.id}-too-long`;
    field.before(message);
    describe(field, (ids) => [...ids, message.id]);
    field.setAttribute("aria-invalid", "true");
  }
}

/** Put the cursor in the first field that is too long. */
export function focusTooLong() {
  const field = form.querySelector(".js-too-long")?.nextElementSibling;
  if (field) /** @type {HTMLElement} */ (field).focus();
}
