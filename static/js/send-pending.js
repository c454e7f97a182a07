// On a page without an editor: sends what waits on this device, and says so or shows it.

import { find, statusParagraph } from "./dom.js";
import { sendPending } from "./offline-store.js";

const { device, token, found: recovered } = find("[data-device][data-token]").dataset;
const delivered = await sendPending(device, token ?? "");
const outcomes = delivered
  .flatMap(({ reply }) => Object.values(reply.outcomes))
  .filter((outcome) => outcome !== "same");
const isTextSaved = outcomes.some((outcome) => outcome !== "too_long");
if (isTextSaved && document.querySelector("[data-shows-words]")) location.reload();
else if (outcomes.length) find("main").prepend(statusParagraph("notice", recovered));
