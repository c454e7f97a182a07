// Signing out everywhere clears what is kept on this device: what waits here is sent first.

import { findForm, hiddenField, statusParagraph } from "./dom.js";
import { isSomethingStored, sendPending } from "./offline-store.js";

const signOutForm = findForm("[data-signs-out-everywhere]");

/** Send what can be sent, and say so where something still waits: it is not cleared away then. */
async function sendWhatWaits() {
  const { device, waiting } = signOutForm.dataset;
  await sendPending(device, hiddenField(signOutForm, "csrf_token").value);
  signOutForm.dataset.looked = "yes";
  if (!isSomethingStored()) {
    signOutForm.requestSubmit();
    return;
  }
  hiddenField(signOutForm, "waits").value = "yes";
  signOutForm.prepend(statusParagraph("notice", waiting));
}

signOutForm.addEventListener("submit", (event) => {
  if (signOutForm.dataset.looked) return;
  event.preventDefault();
  sendWhatWaits();
});
