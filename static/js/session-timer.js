// The session: a warning before it ends, and a way to stay.
//
// The server sends how many seconds are left, so that no clock has to be right.

import { find, findAll } from "./dom.js";
import { csrfToken, form } from "./editor-form.js";
import { requestJson, RETRY_DELAY, TIMEOUT_MS, timeoutSignal } from "./request.js";
import { showTrouble } from "./save-status.js";
import { dirty, isClean, leftOut, refused, saveState, sendAgain, store } from "./unsaved.js";

const WARN_SECONDS = 120;

const sessionNotice = find("#session-warning");
const stayButton = /** @type {HTMLButtonElement} */ (find("#stay-signed-in"));

/** @type {ReturnType<typeof setTimeout> | undefined} */
let sessionTimer;

/**
 * @typedef {object} SessionState
 * @property {string} device the key of the offline store, which is the same for one person
 * @property {string} token the newest one against forgery
 * @property {number} seconds left
 * @property {boolean} last whether nothing can make the session longer
 */

/**
 * @param {string} [method] POST makes the session longer
 * @returns {Promise<SessionState | "ended" | null>} null when the server does not answer
 */
async function fetchSession(method = "GET") {
  const { status, ok, reply } = await requestJson(form.dataset.session ?? "", {
    method,
    headers: { "X-CSRFToken": csrfToken() },
    signal: timeoutSignal(),
  });
  if (status === 401) return "ended";
  return ok ? reply : null;
}

/**
 * Ask whether the session is still the writer's, and leave the page when it is not.
 *
 * @returns {Promise<boolean | null>} null when the server does not answer
 */
export async function verifySession() {
  const session = await fetchSession();
  if (session === null) {
    setTimer(TIMEOUT_MS);
    return null;
  }
  if (session === "ended" || session.device !== form.dataset.device) {
    await leavePage();
    return false;
  }
  for (const field of findAll("input[name=csrf_token]")) {
    /** @type {HTMLInputElement} */ (field).value = session.token;
  }
  startTimer(session);
  return true;
}

/** @param {number} delay in milliseconds */
function setTimer(delay) {
  clearTimeout(sessionTimer);
  sessionTimer = setTimeout(verifySession, delay);
}

/**
 * Warn when the session ends soon, and look again when that may have changed.
 *
 * @param {Pick<SessionState, "seconds" | "last">} session
 */
export function startTimer({ seconds, last }) {
  const endsSoon = seconds <= WARN_SECONDS + 5;
  if (endsSoon) {
    const paragraph = find("p", sessionNotice);
    paragraph.textContent = (last ? paragraph.dataset.last : paragraph.dataset.canStay) ?? "";
    stayButton.hidden = last;
  }
  sessionNotice.hidden = !endsSoon;
  const wait = endsSoon ? seconds + 1 : seconds - WARN_SECONDS;
  setTimer(Math.max(1, wait) * 1000);
}

stayButton.addEventListener("click", async () => {
  await verifySession(); // the token may be newer than this page
  const session = await fetchSession("POST");
  if (session && session !== "ended") startTimer(session);
});

/** Keep the text on this device and go to the login: somebody else may sit here now. */
async function leavePage() {
  sendAgain();
  if (!isClean() && !(await store())) {
    saveState.isFailing = true;
    showTrouble(form.dataset.ended);
    form.setAttribute("data-unsafe", "");
    setTimer(RETRY_DELAY);
    return;
  }
  form.removeAttribute("data-unsafe");
  dirty.clear();
  refused.clear();
  leftOut.clear();
  form.dispatchEvent(new Event("signed-out"));
  const page = encodeURIComponent(location.pathname + location.search);
  location.replace(`${form.dataset.enter}?verder=${page}`);
}
