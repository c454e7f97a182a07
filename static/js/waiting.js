// On a page without an editor: what still waits on this device is sent now, and the page says so.

import { deliver } from "./device.js";

const { device, token, found } = document.querySelector("[data-device]").dataset;
const arrived = await deliver(device, token);
if (arrived.some(({ told }) => Object.values(told.outcomes).some((one) => one !== "same"))) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.setAttribute("role", "status");
  notice.textContent = found;
  document.querySelector("main").prepend(notice);
}
