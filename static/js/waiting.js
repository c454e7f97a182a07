// On a page without an editor: what still waits on this device is sent now, and the page says so, or shows it.

import { deliver } from "./device.js";

const { device, token, found } = document.querySelector("[data-device][data-token]").dataset;
const arrived = await deliver(device, token);
const became = arrived.flatMap(({ told }) => Object.values(told.outcomes)).filter((one) => one !== "same");
if (became.some((one) => one !== "too_long") && document.querySelector("[data-shows-words]")) location.reload();
else if (became.length) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.setAttribute("role", "status");
  notice.textContent = found;
  document.querySelector("main").prepend(notice);
}
