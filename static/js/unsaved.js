// What the server does not have yet, and its copy on this device.

import { form, pageKey } from "./editor-form.js";
import { openPageStore } from "./offline-store.js";
import { serialize } from "./save-fields.js";

/** @type {Set<string>} sections with changes that no save has taken along yet */
export const dirty = new Set();

/** @type {Set<string>} sections in a save that is not answered yet */
export const sending = new Set();

export const saveState = {
  saveNumber: 0, // of the last save that was sent
  isFailing: false,
};

const pageStore = await openPageStore(form.dataset.device, pageKey);

export const isClean = () => dirty.size === 0 && sending.size === 0;

/** Move what is being sent back to what is still to be sent. */
export function sendAgain() {
  for (const section of sending) dirty.add(section);
  sending.clear();
}

/** Return the fields of all that is not saved, as the next save would send them. */
export function unsavedFields() {
  return fieldsOf(new Set([...dirty, ...sending]), saveState.saveNumber + 1);
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
 * Keep what is not saved on this device: one write at a time, and always the newest text.
 *
 * @returns {Promise<boolean>} whether the device could keep it
 */
export function store() {
  isStale = true;
  storing ??= storeWhileStale();
  return storing;
}

async function storeWhileStale() {
  let isStored = true;
  while (isStale) {
    isStale = false;
    // There must be an await in any case: else this ends before `storing` is assigned.
    isStored = await (isClean() ? isStored : pageStore.put(unsavedSave()));
  }
  storing = null;
  return isStored;
}

function unsavedSave() {
  return { address: form.action, order: Date.now(), fields: unsavedFields() };
}

/** Make the copy on this device follow a save: remove it when nothing is left to save. */
export function updateStore() {
  if (isClean()) pageStore.forget();
  else store();
}
