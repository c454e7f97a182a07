// Shows how far a print job or an export is, and loads the page again at its end.
// The page works without this script: it loads itself again.

import { find } from "./dom.js";
import { requestJson } from "./request.js";

const POLL_MS = 1500;

const container = find("[data-printing]");
const progressBar = container.querySelector("progress");
const statusText = find("[role=status]", container);

async function poll() {
  const { status, ok, reply } = await requestJson(container.dataset.printing ?? "");
  if (status === 0 || (ok && !reply)) return schedulePoll(); // the server may be starting
  if (!ok || !reply.going) return location.reload();
  // A screen reader reads out every change.
  if (statusText.textContent !== reply.sentence) statusText.textContent = reply.sentence;
  if (progressBar) {
    progressBar.max = reply.all;
    progressBar.value = reply.done;
  }
  return schedulePoll();
}

function schedulePoll() {
  setTimeout(poll, POLL_MS);
}

schedulePoll();
