// What several scripts do with the page.

/**
 * Return the first element under `root` that matches `selector`.
 *
 * For what the template is sure to have: throws when it is not there.
 *
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement}
 */
export function find(selector, root = document) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}`);
  return /** @type {HTMLElement} */ (element);
}

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement[]}
 */
export function findAll(selector, root = document) {
  return [...root.querySelectorAll(selector)].map(
    (element) => /** @type {HTMLElement} */ (element),
  );
}

/**
 * Return the form that `selector` names.
 *
 * @param {string} selector
 * @returns {HTMLFormElement}
 */
export function findForm(selector) {
  return /** @type {HTMLFormElement} */ (find(selector));
}

/**
 * Return a hidden field of a form, for example its token against forgery.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function hiddenField(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/**
 * Return the rules that the server sent along in a block of JSON.
 *
 * @param {string} id of the block
 * @returns {any}
 */
export function readRules(id) {
  return JSON.parse(find(`#${id}`).textContent ?? "");
}

/**
 * Return a paragraph that a screen reader reads out when its text changes.
 *
 * @param {string} className
 * @param {string} [text]
 */
export function statusParagraph(className, text = "") {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  paragraph.setAttribute("role", "status");
  paragraph.textContent = text;
  return paragraph;
}
