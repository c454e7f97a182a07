// What the server does not have yet, and its copy on this device.

import { form, pageKey } from "./editor-form.js";
import { openPageStore } from "./offline-store.js";
import { serialize } from "./save-fields.js";

/** @type {Set<string>} sections with changes that no save has taken along yet */
export const dirty = new Set();

/** @type {Set<string>} sections in a save that is not answered yet */
export const sending = new Set();

/** @type {Set<string>} sections with a text that the server refused, as too long */
export const refused = new Set();

/** @type {Set<string>} sections with a text that the server has no place for any more */
export const leftOut = new Set();

export const saveState = {
  saveNumber: 0, // of the last save that was sent
  isFailing: false,
  mustWait: false, // the server is there, and takes the same save later
  refusal: "", // what the server said about the texts in `refused`
};

const pageStore = await openPageStore(form.dataset.device, pageKey);

/** Return whether nothing is to be sent: what was left out would only be left out again. */
export const isSent = () => dirty.size + sending.size + refused.size === 0;

/** Return whether the server has every word. */
export const isClean = () => isSent() && leftOut.size === 0;

/** Move what is being sent back to what is still to be sent. */
export function sendAgain() {
  for (const section of sending) dirty.add(section);
  sending.clear();
}

const unsavedSections = () => new Set([...dirty, ...sending, ...refused, ...leftOut]);

/** Return the fields of all that is not saved, as the next save would send them. */
export function unsavedFields() {
  return fieldsOf(unsavedSections(), saveState.saveNumber + 1);
}

/**
 * @param {Set<string>} sections
 * @param {number} number of the save
 */
export function fieldsOf(sections, number) {
  return serialize(new FormData(form), sections, `${pageKey}.${number}`);
}

/** @type {Promise<boolean> | null} */
let storing = null;
let isStale = false;

/**
 * Make the copy on this device follow what is not saved: one write at a time, always the newest
 * text, and nothing when all is saved.
 *
 * @returns {Promise<boolean>} whether nothing is unsaved that the device does not have
 */
export function store() {
  isStale = true;
  storing ??= storeWhileStale();
  return storing;
}

async function storeWhileStale() {
  let isStored = true;
  try {
    while (isStale) {
      isStale = false;
      if (unsavedSections().size === 0) pageStore.forget();
      // There must be an await in any case: else this ends before `storing` is assigned.
      isStored = await (unsavedSections().size === 0 || pageStore.put(unsavedSave()));
    }
    return isStored;
  } catch {
    return false;
  } finally {
    storing = null; // a promise that has ended must never pass for one that is still at work
  }
}

function unsavedSave() {
  return { address: form.action, order: Date.now(), fields: unsavedFields() };
}
