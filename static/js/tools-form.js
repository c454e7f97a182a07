// A form whose text fields have a toolbar.

import { find, findForm } from "./dom.js";

export const form = findForm("form[data-tools]");

/** The toolbar to copy, with the tools that other parts of the page add. */
export const toolbar = templateContent("#text-tools").firstElementChild;
for (const template of document.querySelectorAll("template[data-more-tools]")) {
  toolbar?.append(/** @type {HTMLTemplateElement} */ (template).content);
}

/** @param {string} selector */
function templateContent(selector) {
  return /** @type {HTMLTemplateElement} */ (find(selector)).content;
}

/** @param {HTMLTextAreaElement} area */
export function toolbarOf(area) {
  return find(".js-toolbar", /** @type {Element} */ (area.parentElement));
}

/**
 * Return the words on the button of a tool.
 *
 * @param {string} tool
 */
export function toolName(tool) {
  return toolbar?.querySelector(`[data-tool=${tool}]`)?.textContent ?? "";
}
