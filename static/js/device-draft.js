// Keeps on this device what is typed in a small form, until it has arrived. Nothing is sent before
// its button is pressed.

import { find, statusParagraph } from "./dom.js";
import { openDraftStore } from "./offline-store.js";

// The page after the form has no form: an element there says what has arrived.
const form = /** @type {HTMLFormElement} */ (find("[data-draft-kind]"));
const { draftKind, draftId, draftVersion, device, found: recovered } = form.dataset;
const store = await openDraftStore(device, draftKind ?? "");
const fields = [...form.querySelectorAll("textarea")];
// The version changes when something has arrived, so that an older draft that was sent may go.
const draftKey = `${draftId}@${draftVersion}`;

const fieldValues = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));

/**
 * Return whether the server does not have this text: also not when it refused it.
 *
 * @param {HTMLTextAreaElement} field
 */
function isUnsent(field) {
  return field.value !== field.defaultValue || field.hasAttribute("aria-invalid");
}

const hasText = () => fields.some((field) => field.value.trim() && isUnsent(field));

/** @param {boolean} isSubmitted */
async function storeDraft(isSubmitted) {
  if (!fields.length) return;
  if (hasText()) await store.put(draftKey, { ...fieldValues(), sent: isSubmitted });
  else store.forget(draftKey);
}

/** @type {Promise<void>} one write after the other, so that the newest text stays */
let storeQueue = Promise.resolve();

/** @param {boolean} isSubmitted */
function queueStore(isSubmitted) {
  storeQueue = storeQueue.then(() => storeDraft(isSubmitted));
  return storeQueue;
}

/** @param {Record<string, string>} saved text by field name */
function restore(saved) {
  for (const field of fields) {
    const text = saved[field.name];
    if (!text?.trim() || field.value !== field.defaultValue || field.value === text) continue;
    field.value = text;
    field.after(statusParagraph("notice", recovered));
    field.dispatchEvent(new Event("input", { bubbles: true })); // it may need more room
  }
}

for (const [key, saved] of await store.all()) {
  const [id, version] = key.split("@");
  const isOfThisForm = id === draftId;
  const hasArrived = saved.sent && version !== draftVersion;
  if (!hasArrived && isOfThisForm) restore(saved);
  if (hasArrived || (fields.length && isOfThisForm && key !== draftKey)) store.forget(key);
}
await queueStore(false);

form.addEventListener("input", () => queueStore(false));
/** @type {HTMLElement | undefined} */
let sizeNotice;

/** What the server does not read it cannot give back: so that stays on this page. */
function isTooLarge() {
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  const isLarger = String(body).length > Number(form.dataset.maxBytes);
  sizeNotice?.remove();
  if (isLarger) form.append((sizeNotice = statusParagraph("notice", form.dataset.tooLarge)));
  return isLarger;
}

form.addEventListener("submit", async (event) => {
  if (form.dataset.submitNow) return;
  event.preventDefault();
  if (isTooLarge()) return;
  await queueStore(true);
  form.dataset.submitNow = "yes";
  setTimeout(() => form.requestSubmit(event.submitter)); // other listeners must see this one first
});
