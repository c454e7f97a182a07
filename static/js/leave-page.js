// Leaving the page: what is not saved yet goes first.

import { csrfToken, form, pageKey, saveKeyField } from "./editor-form.js";
import { postFields } from "./request.js";
import { focusTooLong } from "./save-notices.js";
import { readStatusOut, showTrouble, statusText } from "./save-status.js";
import { isClean, isSent, saveState, unsavedFields } from "./unsaved.js";

const MAX_WAIT = 3000; // milliseconds that a link waits for a save; the device has the text too

/**
 * Watch all ways out of the page.
 *
 * @param {() => Promise<boolean>} save resolves to whether the server has everything
 */
export function watchLeaving(save) {
  const saveOrTimeout = () =>
    Promise.race([save(), new Promise((resolve) => setTimeout(resolve, MAX_WAIT))]);

  form.addEventListener("submit", (event) => submitWhenSaved(event, save));
  document.addEventListener("click", (event) => followWhenSaved(event, saveOrTimeout));
  for (const other of document.querySelectorAll("form")) {
    if (other === form) continue;
    other.addEventListener("submit", async (event) => {
      if (isSent() || other.dataset.submitNow) return;
      event.preventDefault();
      await saveOrTimeout();
      other.dataset.submitNow = "yes";
      other.requestSubmit(event.submitter);
    });
  }
  addEventListener("beforeunload", (event) => {
    if (form.hasAttribute("data-unsafe") && !isClean()) event.preventDefault();
  });
  addEventListener("pagehide", () => {
    if (!isSent()) postFields(form.action, unsavedFields(), csrfToken(), { keepalive: true });
  });
}

/**
 * Save before the form is submitted; the submit itself sends nothing that is not saved.
 *
 * @param {SubmitEvent} event
 * @param {() => Promise<boolean>} save
 */
async function submitWhenSaved(event, save) {
  saveKeyField.value = `${pageKey}.${saveState.saveNumber + 1}`;
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  // The answer form is submitted all the same: the server then looks whether quotes still match.
  const staysHere = !form.matches(".js-answer-form") && Boolean(button?.value.startsWith("keep"));
  if (isSent() && navigator.onLine && !(staysHere && statusText())) return;
  event.preventDefault();
  if (isSent()) {
    if (!navigator.onLine) showTrouble(form.dataset.stay);
    else readStatusOut();
    return;
  }
  if (!(await save())) focusTooLong();
  else if (staysHere) readStatusOut();
  else form.requestSubmit(button);
}

/**
 * @param {MouseEvent} event
 * @param {() => Promise<unknown>} save
 */
async function followWhenSaved(event, save) {
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  if (isSent() || !link || event.ctrlKey || event.metaKey) return;
  if (link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  await save();
  location.assign(/** @type {HTMLAnchorElement} */ (link).href);
}
