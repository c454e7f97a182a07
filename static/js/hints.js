// Shows the hints about what was saved. They say nothing while somebody types, and block nothing.

import { findAll, findForm } from "./dom.js";
import { requestJson } from "./request.js";

const form = findForm("form[data-editor]");
let lastRequest = 0;

form.addEventListener("saved", async () => {
  lastRequest += 1;
  const number = lastRequest;
  const { ok, reply } = await requestJson(form.dataset.notice ?? "");
  if (!ok || !reply || number !== lastRequest) return;
  for (const container of findAll("[data-hints]")) {
    const html = reply.hints[container.dataset.hints ?? ""] ?? "";
    if (container.innerHTML !== html) container.innerHTML = html;
  }
});
