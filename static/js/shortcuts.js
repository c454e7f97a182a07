// Answering by keyboard: from report to report, from field to field, and to the button that gives
// the answer, without pressing it. The page after an answer has no form, only the next report.

import { find, findAll } from "./dom.js";

const form = document.querySelector("form[data-editor]");

/**
 * Move the focus to another field of the form.
 *
 * @param {1 | -1} by
 */
function moveFocus(by) {
  const selector = "textarea, input:not([type=hidden], [type=file])";
  if (!form) return;
  const fields = findAll(selector, form).filter((field) => field.checkVisibility());
  const current = fields.findIndex((field) => field === document.activeElement);
  const outside = by > 0 ? 0 : fields.length - 1;
  const next = fields[current < 0 ? outside : current + by];
  next?.focus();
  next?.scrollIntoView({ block: "center" });
}

/** @param {"next" | "prev"} direction */
function goToReport(direction) {
  const link = document.querySelector(`.js-next-report a[rel=${direction}]`);
  if (link) /** @type {HTMLElement} */ (link).click();
}

/** @type {Record<string, () => void>} */
const shortcuts = {
  "Alt+PageDown": () => goToReport("next"),
  "Alt+PageUp": () => goToReport("prev"),
  "Alt+ArrowDown": () => moveFocus(1),
  "Alt+ArrowUp": () => moveFocus(-1),
  "Control+Enter": () => form && find("button[value=answer]", form).focus(),
};

addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const alt = event.altKey ? "Alt+" : "";
  const control = event.ctrlKey || event.metaKey ? "Control+" : "";
  const pressed = alt + control + event.key;
  if (!Object.hasOwn(shortcuts, pressed)) return;
  event.preventDefault();
  shortcuts[pressed]();
});
