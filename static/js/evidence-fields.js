// Photos, sounds and PDFs that are chosen, dropped or pasted at a section.

import { find, findAll } from "./dom.js";
import { RETRY_DELAY, waitToRetry } from "./request.js";

/** @type {typeof import("./evidence.js") | null} */
let uploader = null;

/**
 * Load the script that uploads: once there is something to upload. That waits for a connection too.
 *
 * @param {HTMLElement} status
 * @param {string} retryMessage
 */
async function loadUploader(status, retryMessage) {
  for (let tries = 0; !uploader; tries += 1) {
    // Some browsers try only once to load the same address.
    uploader = await import(`./evidence.js?${tries}`).catch(() => null);
    if (uploader) break;
    status.textContent = retryMessage;
    await waitToRetry(RETRY_DELAY);
  }
  return uploader;
}

/** @param {HTMLFormElement} form */
export function watchEvidence(form) {
  for (const container of findAll("[data-section]", form)) watchSection(container, form);
}

/**
 * @param {HTMLElement} container of the section's evidence
 * @param {HTMLFormElement} form
 */
function watchSection(container, form) {
  const section = /** @type {HTMLElement} */ (container.closest("section, #closing"));
  const upload = async (/** @type {File[]} */ files) => {
    if (!files.length) return;
    const status = find("[role=status]", container);
    const { uploadAll } = await loadUploader(status, form.dataset.again ?? "");
    await uploadAll(files, { container, form });
  };
  const input = /** @type {HTMLInputElement} */ (find("input[type=file]", container));
  input.addEventListener("change", async () => {
    const files = [...(input.files ?? [])];
    input.value = "";
    await upload(files);
  });
  section.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  section.addEventListener("drop", (event) => uploadFrom(event, event.dataTransfer, upload));
  section.addEventListener("paste", (event) => uploadFrom(event, event.clipboardData, upload));
}

/**
 * @param {Event} event
 * @param {DataTransfer | null} data
 * @param {(files: File[]) => Promise<void>} upload
 */
function uploadFrom(event, data, upload) {
  const files = [...(data?.files ?? [])]; // the list is emptied when the event is over
  if (!files.length) return;
  event.preventDefault();
  upload(files);
}
