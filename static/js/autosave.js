// Saves what is typed: on the server a moment after a pause, and on this device until the server
// has it. The page works without this script: the button "Keep" does the same.

import { showSyncNotice, syncFromDevice } from "./device-sync.js";
import { csrfToken, form } from "./editor-form.js";
import { watchLeaving } from "./leave-page.js";
import { postFields, RETRY_DELAY, timeoutSignal } from "./request.js";
import { sectionOf } from "./save-fields.js";
import { clearTooLong, showConflict, showTooLong } from "./save-notices.js";
import { showKept, showQuietly, showTrouble, statusText } from "./save-status.js";
import { startTimer, verifySession } from "./session-timer.js";
import {
  dirty,
  fieldsOf,
  leftOut,
  refused,
  saveState,
  sendAgain,
  sending,
  store,
} from "./unsaved.js";

export { verifySession };

const SAVE_DELAY = 1500; // milliseconds without typing before a save
const MAX_DELAY = 8000; // milliseconds of typing without a pause before a save all the same

let dirtySince = 0; // when the oldest unsaved change was typed, by a clock that nobody can set
/** @type {ReturnType<typeof setTimeout> | undefined} */
let saveTimer;
/** @type {Promise<boolean> | null} */
let saving = null;

/** @param {number} delay in milliseconds */
function scheduleSave(delay) {
  clearTimeout(saveTimer);
  const latest = dirtySince + MAX_DELAY - performance.now();
  saveTimer = setTimeout(save, Math.max(0, Math.min(delay, latest)));
}

function scheduleRetry() {
  clearTimeout(saveTimer);
  if (dirty.size) saveTimer = setTimeout(save, RETRY_DELAY);
}

/**
 * Save what has changed.
 *
 * @returns {Promise<boolean>} whether the server has everything now
 */
async function save() {
  clearTimeout(saveTimer);
  if (saving) await saving;
  if (dirty.size === 0) return refused.size === 0;
  // Whatever goes wrong, the next try must come.
  saving = trySave().catch(() => saveFailed(null).then(() => false));
  const isComplete = await saving;
  saving = null;
  if (!isComplete) scheduleRetry();
  else if (dirty.size) scheduleSave(SAVE_DELAY);
  return isComplete && dirty.size === 0;
}

async function trySave() {
  for (const section of dirty) sending.add(section);
  dirty.clear();
  if (!saveState.isFailing) showQuietly(form.dataset.busy);
  let response = await postSections();
  if (response.status === 400 || response.status === 401) {
    const isOwner = await verifySession();
    if (isOwner === null) await saveFailed(null);
    if (!isOwner) return false;
    response = await postSections();
  }
  if (!response.ok || !response.reply) {
    await saveFailed(response.status < 500 ? response.reply : null, response.status === 429);
    return false;
  }
  return saved(response.reply);
}

function postSections() {
  saveState.saveNumber += 1;
  const fields = fieldsOf(sending, saveState.saveNumber);
  return postFields(form.action, fields, csrfToken(), { signal: timeoutSignal() });
}

/**
 * @param {import("./offline-store.js").SaveReply} reply
 * @returns {boolean} whether the server took everything
 */
function saved(reply) {
  sending.clear();
  saveState.isFailing = saveState.mustWait = false;
  // What was typed meanwhile is sent once more, and may be short enough.
  for (const key of reply.too_long) if (!dirty.has(key)) refused.add(key);
  for (const key of reply.left_out ?? []) leftOut.add(key);
  if (reply.too_long.length) saveState.refusal = reply.sentence;
  showOutcome(reply);
  form.dispatchEvent(new Event("saved"));
  storeAndShow();
  for (const key of reply.aside) showConflict(key, showBothTexts);
  clearTooLong();
  new Set([...reply.too_long, ...refused]).forEach(showTooLong);
  return refused.size === 0 && !reply.too_long.length && !reply.left_out?.length;
}

/** @param {import("./offline-store.js").SaveReply} reply */
function showOutcome(reply) {
  // Another section is kept, and the page must not say so of this one.
  if (refused.size) showTrouble(saveState.refusal);
  else if (reply.left_out?.length) showTrouble(reply.sentence);
  else showKept(reply.sentence);
}

async function showBothTexts() {
  await save();
  location.reload();
}

/**
 * @param {{sentence?: string} | null} error what the server says, if it does
 * @param {boolean} [mustWait] whether the same save will be taken later
 */
async function saveFailed(error, mustWait = false) {
  sendAgain();
  saveState.isFailing = true;
  saveState.mustWait = mustWait;
  showWhere(await store(), error?.sentence);
}

/**
 * Say where the text is that the server does not have.
 *
 * @param {boolean} isStored whether this device has it
 * @param {string} [sentence] what the server says, if it does
 */
function showWhere(isStored, sentence) {
  const { waits, waitsHere, failed, failedHere } = form.dataset;
  let message = isStored ? (sentence ?? failed) : failedHere;
  // There is a connection: the server only wants to wait.
  if (saveState.mustWait) message = isStored ? `${sentence ?? ""} ${waits}`.trim() : waitsHere;
  showTrouble(message);
  form.toggleAttribute("data-unsafe", !isStored);
}

/** @param {EventTarget | null} target the field that has changed */
function onInput(target) {
  const { name, type } = /** @type {HTMLInputElement} */ (target);
  if (!name?.includes("--") || type === "file") return;
  if (dirty.size === 0) dirtySince = performance.now();
  dirty.add(sectionOf(name));
  refused.delete(sectionOf(name));
  leftOut.delete(sectionOf(name));
  storeAndShow();
  if (!saveState.isFailing) scheduleSave(SAVE_DELAY);
}

/** A page that says that the text waits here says so of each word, also of the last one. */
async function storeAndShow() {
  const wasUnsafe = form.hasAttribute("data-unsafe");
  const isStored = await store();
  if (saveState.isFailing && isStored === wasUnsafe) showWhere(isStored);
  else form.toggleAttribute("data-unsafe", !isStored);
}

/** @param {HTMLInputElement} field */
function isEdited(field) {
  if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

form.addEventListener("input", ({ target }) => onInput(target));
form.addEventListener("change", ({ target }) => onInput(target));
// What was typed while this script was still on its way over a slow line counts too.
for (const field of form.querySelectorAll("textarea, input")) {
  if (isEdited(/** @type {HTMLInputElement} */ (field))) onInput(field);
}

watchLeaving(save);
addEventListener("online", () => {
  if (statusText() === form.dataset.stay) showQuietly();
  else save();
});
addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") save();
  else verifySession();
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) verifySession(); // restored from the browser's memory: it may be another day
});

showSyncNotice();
startTimer({ seconds: Number(form.dataset.seconds), last: false });
await syncFromDevice();
