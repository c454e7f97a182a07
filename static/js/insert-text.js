// Puts text into a field as if it was typed, so that undo still works.

/**
 * Replace what is selected.
 *
 * @param {HTMLTextAreaElement} area
 * @param {string} text
 * @param {number} [selectFrom] the selection afterwards, counted back from the end of the text
 * @param {number} [selectTo]
 */
export function insertText(area, text, selectFrom = 0, selectTo = 0) {
  area.focus();
  // The only way in that undo knows of.
  if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const end = area.selectionEnd;
  if (selectFrom || selectTo) area.setSelectionRange(end - selectFrom, end - selectTo);
}

/**
 * @param {HTMLTextAreaElement} area
 * @param {import("./text-edits.js").Edit} edit
 */
export function applyEdit(area, { from, to, text, selectFrom, selectTo }) {
  area.setSelectionRange(from, to);
  if (text !== undefined) insertText(area, text, selectFrom, selectTo);
}
