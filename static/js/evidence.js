// Uploads photos, sounds and PDFs to their section; after a dropped connection again, under the
// same id.

import { verifySession } from "./autosave.js";
import { find, findAll, hiddenField } from "./dom.js";
import { waitToRetry } from "./request.js";

const RETRY_MS = 4000; // milliseconds before another try; each next one takes twice as long to come
const MAX_RETRY_MS = 30_000;
const STALL_MS = 30_000; // nothing of a file gets through: the connection counts as dropped
const MAX_SHOWN_NAME = 60; // letters of a file's name
const PROCESSING_MS = 180_000; // for the server's work: a whole class may send its photos at once

/**
 * @typedef {object} UploadReply
 * @property {string} [html] of the item
 * @property {string} [sentence] what is wrong
 * @property {string} [remedy]
 *
 * @typedef {object} Place
 * @property {HTMLElement} container of the section's evidence
 * @property {HTMLFormElement} form
 */

let pendingCount = 0; // files that are not with their section yet
let uploadQueue = Promise.resolve(); // one file after the other, whatever section they are for

/**
 * Upload these files, and put each, as the server made it, into its section.
 *
 * @param {File[]} files
 * @param {Place} place
 */
export function uploadAll(files, place) {
  guardPage(place.form);
  // What was wrong with an earlier choice.
  for (const error of findAll("[role=status] > .error", place.container)) error.remove();
  pendingCount += files.length;
  files.forEach((file, index) => {
    uploadQueue = uploadQueue
      .then(() => uploadFile(file, place, index === 0))
      .finally(() => (pendingCount -= 1));
  });
  return uploadQueue;
}

/**
 * Upload a file, and show it or what is wrong with it.
 *
 * @param {File} file
 * @param {Place} place
 * @param {boolean} isFirst whether its caption may get the focus
 */
async function uploadFile(file, place, isFirst) {
  const { container, form } = place;
  const status = find("[role=status]", container);
  const hasMoved = watchUser(form);
  const isFile = await isReadable(file);
  const reply = isFile ? await sendFile(file, place, status) : null;
  if (reply?.html) {
    showStatus(status, form.dataset.sent ?? "");
    insertItem(reply.html, container, isFirst && !hasMoved());
    return;
  }
  const message = [reply?.sentence, reply?.remedy].filter(Boolean).join(" ");
  const fallback = isFile ? form.dataset.refused : form.dataset.unreadable;
  showStatus(status, errorText(file, message || fallback));
}

/**
 * Send a file, with as many tries as it takes.
 *
 * @param {File} file
 * @param {Place} place
 * @param {HTMLElement} status
 */
async function sendFile(file, place, status) {
  const { sending, again = "" } = place.form.dataset;
  const progressBar = Object.assign(document.createElement("progress"), { max: 1 });
  progressBar.setAttribute("aria-label", sending ?? "");
  const request = { file, uploadId: randomUploadId(), progressBar, ...place };
  let isRenewed = false;
  for (let delay = RETRY_MS; ; delay = Math.min(2 * delay, MAX_RETRY_MS)) {
    showStatus(status, `${sending} `, progressBar);
    const { statusCode, reply } = await tryUpload(request);
    if (reply?.html) return reply;
    if (!isRenewed && mayBeExpired(statusCode)) {
      isRenewed = Boolean(await verifySession());
      if (isRenewed) continue; // the page was open for long, and has a new token now
    } else if (isRefused(statusCode)) {
      return reply;
    }
    showStatus(status, again);
    await waitToRetry(delay);
  }
}

/** @param {number} statusCode */
function mayBeExpired(statusCode) {
  return statusCode === 400 || statusCode === 401;
}

/** @param {number} statusCode */
function isRefused(statusCode) {
  return statusCode >= 400 && statusCode < 500 && statusCode !== 429; // 429: later it will do
}

/**
 * Return whether this is a file whose bytes can be read: no folder, and not gone since.
 *
 * Without this, sending it would fail as a lost connection does, and be tried again without end.
 *
 * @param {File} file
 */
async function isReadable(file) {
  try {
    // Of a file that is gone, Chromium tells a size of 0 and reads an empty slice without an error.
    await (file.size ? file.slice(0, 1) : file).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * Show how it goes, under what is wrong with the files that were chosen with this one.
 *
 * @param {HTMLElement} status
 * @param {(string | Node)[]} nodes
 */
function showStatus(status, ...nodes) {
  for (const node of [...status.childNodes]) {
    // They stay where they are, or a screen reader would read them again.
    if (!(node instanceof HTMLElement && node.matches(".error"))) node.remove();
  }
  status.append(...nodes);
}

/**
 * @param {File} file
 * @param {string} message
 */
function errorText(file, message = "") {
  const element = document.createElement("p");
  element.className = "error";
  const name = document.createElement("bdi"); // or an Arabic name would turn the sentence
  name.textContent = shownName(file.name);
  element.append(name, `: ${message}`);
  return element;
}

/**
 * Return a name without marks of direction, and not longer than a line or two.
 *
 * @param {string} name
 */
function shownName(name) {
  const letters = [...name.replace(/[\p{Cc}\p{Cf}]/gu, "")];
  if (letters.length <= MAX_SHOWN_NAME) return letters.join("");
  return `${letters.slice(0, MAX_SHOWN_NAME - 11).join("")}…${letters.slice(-10).join("")}`;
}

/**
 * @param {Place & {file: File, uploadId: string, progressBar: HTMLProgressElement}} upload
 * @returns {Promise<{statusCode: number, reply: UploadReply | null}>} statusCode 0 for no answer
 */
async function tryUpload({ file, uploadId, container, form, progressBar }) {
  const body = new FormData();
  body.set("csrf_token", hiddenField(form, "csrf_token").value);
  body.set("upload", uploadId);
  body.set("section", container.dataset.section ?? "");
  body.set("file", file);
  const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const abortAfter = (/** @type {number} */ milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(() => request.abort(), milliseconds);
  };
  request.open("POST", form.dataset.evidence ?? "");
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => {
    progressBar.value = loaded / total;
    abortAfter(STALL_MS);
  };
  request.upload.onload = () => {
    progressBar.removeAttribute("value"); // all is sent; nobody knows how long the rest takes
    abortAfter(PROCESSING_MS);
  };
  abortAfter(STALL_MS);
  const isAnswered = await sendRequest(request, body);
  clearTimeout(timer);
  if (!isAnswered) return { statusCode: 0, reply: null };
  return { statusCode: request.status, reply: request.response };
}

/**
 * @param {XMLHttpRequest} request
 * @param {FormData} body
 * @returns {Promise<boolean>} whether the server answered
 */
function sendRequest(request, body) {
  return new Promise((resolve) => {
    request.onload = () => resolve(true);
    request.onerror = () => resolve(false);
    request.onabort = () => resolve(false);
    request.send(body);
  });
}

function randomUploadId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Return a function that tells whether the writer has typed or gone elsewhere since.
 *
 * @param {HTMLFormElement} form
 */
function watchUser(form) {
  const focused = document.activeElement;
  let hasTyped = false;
  form.addEventListener("input", ({ isTrusted }) => (hasTyped ||= isTrusted));
  return () => hasTyped || document.activeElement !== focused;
}

/**
 * @param {string} html of the item
 * @param {HTMLElement} container
 * @param {boolean} takesFocus
 */
function insertItem(html, container, takesFocus) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const item = find("figure", page);
  find("details", container).before(item);
  const caption = /** @type {HTMLInputElement} */ (find("input[type=text]", item));
  // The item belongs to the text now, so that must be saved.
  caption.dispatchEvent(new Event("input", { bubbles: true }));
  if (takesFocus) caption.focus();
  caption.addEventListener("change", () => {
    const picture = item.querySelector("img");
    if (picture) picture.alt = caption.value;
  });
}

let isGuarding = false;

/**
 * Let a submit of the form wait for the uploads, and ask whoever leaves the page while they go on.
 *
 * @param {HTMLFormElement} form
 */
function guardPage(form) {
  if (isGuarding) return;
  isGuarding = true;
  /** @param {SubmitEvent} event */
  const submitWhenDone = async (event) => {
    if (event.target !== form || !pendingCount) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const status =
      document.querySelector("[data-section] > [role=status]:has(progress)") ??
      document.querySelector("[data-section] > [role=status]:not(:empty)");
    status?.append(` ${form.dataset.onward}`);
    status?.scrollIntoView({ block: "center" });
    while (pendingCount) await uploadQueue;
    form.requestSubmit(event.submitter);
  };
  const warnBeforeLeave = (/** @type {Event} */ event) => pendingCount && event.preventDefault();
  document.addEventListener("submit", submitWhenDone, { capture: true });
  addEventListener("beforeunload", warnBeforeLeave);
  form.addEventListener("signed-out", () => removeEventListener("beforeunload", warnBeforeLeave));
}
