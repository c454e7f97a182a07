// Shows above a field how its text will look.

import { find, hiddenField } from "./dom.js";
import { postFields } from "./request.js";
import { form, toolbarOf, toolName } from "./tools-form.js";

const RENDER_DELAY = 300; // milliseconds without typing before the text is rendered again

/** @type {Map<HTMLTextAreaElement, ReturnType<typeof setTimeout>>} */
const timers = new Map();

/**
 * @param {HTMLTextAreaElement} area
 * @returns {HTMLElement | null}
 */
export function previewOf(area) {
  return area.parentElement?.querySelector(".js-preview") ?? null;
}

/** @param {HTMLTextAreaElement} area */
export function togglePreview(area) {
  const shown = previewOf(area);
  const button = find("[data-tool=preview]", toolbarOf(area));
  button.setAttribute("aria-pressed", String(!shown));
  if (shown) {
    shown.remove();
    return;
  }
  const pane = document.createElement("div");
  pane.className = "preview js-preview";
  pane.setAttribute("role", "region");
  pane.setAttribute("aria-label", toolName("preview"));
  pane.lang = form.dataset.language ?? "";
  toolbarOf(area).after(pane);
  renderPreview(area);
}

/**
 * Render the text after a moment without typing.
 *
 * @param {HTMLTextAreaElement} area
 */
export function renderPreview(area) {
  clearTimeout(timers.get(area));
  timers.set(
    area,
    setTimeout(() => renderNow(area), RENDER_DELAY),
  );
}

/** @param {HTMLTextAreaElement} area */
async function renderNow(area) {
  const { language = "", show = "" } = form.dataset;
  const token = hiddenField(form, "csrf_token").value;
  const { ok, reply } = await postFields(show, { text: area.value, language }, token);
  const pane = previewOf(area);
  if (!pane) return;
  const isRendered = ok && reply;
  pane.classList.toggle("plain-text", !isRendered);
  if (isRendered) {
    pane.innerHTML = reply.html;
  } // the server made it safe, as everywhere
  else pane.textContent = area.value;
}
