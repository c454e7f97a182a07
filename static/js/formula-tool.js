// The tool that puts a formula into a text, or changes the one at the cursor.

import { readRules, statusParagraph } from "./dom.js";
import { insertText } from "./insert-text.js";
import { previewOf, togglePreview } from "./preview.js";
import { spaced } from "./text-edits.js";
import { form, toolbarOf, toolName } from "./tools-form.js";

/** @param {HTMLTextAreaElement} area */
export async function editFormula(area) {
  area.parentElement?.querySelector(".js-no-formula")?.remove();
  // A dialog needs a connection in any case, so its script is loaded once it is asked for.
  const dialog = await import("./formula-dialog.js").catch(() => null);
  const findFormula = () => dialog?.formulaAt(area, readRules("formula-rules")) ?? null;
  const latex = dialog && (await askLatex(dialog, findFormula()?.latex ?? selectedLatex(area)));
  if (latex === null) showNoFormula(area);
  area.focus();
  if (!latex) return;
  insertFormula(area, latex, findFormula());
  if (!previewOf(area)) togglePreview(area);
}

/**
 * @param {typeof import("./formula-dialog.js")} dialog
 * @param {string} latex to begin with
 * @returns {Promise<string | null>} "" when the dialog was cancelled, null when it did not open
 */
async function askLatex(dialog, latex) {
  const request = { address: form.dataset.formula ?? "", latex, title: toolName("formula") };
  try {
    return (await dialog.askFormula(request)) ?? "";
  } catch {
    return null;
  }
}

/** @param {HTMLTextAreaElement} area */
function selectedLatex(area) {
  const selected = area.value.slice(area.selectionStart, area.selectionEnd);
  return selected.trim().replace(/^\$+|\$+$/g, "");
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {string} latex
 * @param {import("./formula-text.js").FormulaPlace | null} old the formula that it replaces
 */
function insertFormula(area, latex, old) {
  if (old) {
    area.setSelectionRange(old.from, old.to);
    insertText(area, old.sign + latex + old.sign);
  } else insertText(area, spaced(area, `$${latex}$`));
}

/** @param {HTMLTextAreaElement} area */
function showNoFormula(area) {
  toolbarOf(area).after(statusParagraph("hint js-no-formula", form.dataset.noFormula));
}
