// What an earlier page left on this device: it is sent first, and then this page shows it.

import { csrfToken, form } from "./editor-form.js";
import { sendPending } from "./offline-store.js";
import { isNewToPage, sectionOf } from "./save-fields.js";
import { showNews } from "./save-status.js";
import { isClean } from "./unsaved.js";

/** @param {string} name */
function textField(name) {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLTextAreaElement ? field : null;
}

/** Send what waits on this device, and load the page again when it does not show it. */
export async function syncFromDevice() {
  const delivered = await sendPending(form.dataset.device, csrfToken());
  const own = delivered.filter(({ pendingSave }) => pendingSave.address === form.action);
  const textOf = (/** @type {string} */ name) => textField(name)?.value ?? null;
  if (!own.some(({ pendingSave, reply }) => isNewToPage(pendingSave, reply, textOf))) return;
  for (const { pendingSave, reply } of own) fillTooLong(pendingSave, reply);
  if (own.some(({ reply }) => reply.too_long.length)) return;
  showNews(form.dataset.found);
  if (!isClean()) return;
  history.replaceState("found", ""); // the next page says it too: nobody has read it on this one
  location.reload();
}

/**
 * Put what the server refused as too long back into its fields.
 *
 * @param {import("./offline-store.js").PendingSave} pendingSave
 * @param {import("./offline-store.js").SaveReply} reply
 */
function fillTooLong(pendingSave, reply) {
  for (const [name, value] of pendingSave.fields) {
    const field = form.elements.namedItem(name);
    if (!reply.too_long.includes(sectionOf(name)) || !field) continue;
    /** @type {HTMLInputElement} */ (field).value = value;
    /** @type {HTMLInputElement} */ (field).dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Say what the page before this one could not, because it reloaded. */
export function showSyncNotice() {
  if (history.state === "found") showNews(form.dataset.found);
  history.replaceState(null, "");
}
