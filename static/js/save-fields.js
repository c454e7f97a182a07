// Which fields of the form belong to which section, and what of them is sent.

/**
 * Return the section that a field belongs to: "goals--1.goal" and "goals--caption.x" to "goals".
 *
 * @param {string} name of the field
 */
export function sectionOf(name) {
  const caption = name.indexOf("--caption.");
  return name.slice(0, caption >= 0 ? caption : name.lastIndexOf("--"));
}

/**
 * Return the fields to send for these sections.
 *
 * A section without any (no box of it is ticked) sends one empty field, so that it is saved too.
 *
 * @param {Iterable<[string, FormDataEntryValue]>} entries of the form
 * @param {Set<string>} sections
 * @param {string} saveKey
 * @returns {[string, string][]}
 */
export function serialize(entries, sections, saveKey) {
  /** @type {[string, string][]} */
  const fields = [];
  for (const [name, value] of entries) {
    if (typeof value !== "string") continue;
    const isWanted = name.includes("--") && sections.has(sectionOf(name));
    if (name === "version" || isWanted) fields.push([name, value]);
  }
  const filled = new Set(fields.map(([name]) => sectionOf(name)));
  for (const key of sections) if (!filled.has(key)) fields.push([`${key}--`, ""]);
  fields.push(["save_key", saveKey]);
  return fields;
}

/**
 * Return whether a page lacks a text that has arrived from this device.
 *
 * A save of an earlier page may have overtaken the request for this page.
 *
 * @param {import("./offline-store.js").PendingSave} pendingSave
 * @param {import("./offline-store.js").SaveReply} reply
 * @param {(name: string) => string | null} textOf a text field's value; null for other fields
 */
export function isNewToPage(pendingSave, reply, textOf) {
  const isShown = pendingSave.fields.every(([name, value]) => {
    const text = textOf(name);
    return text === null || text === value.replaceAll("\r\n", "\n");
  });
  return !isShown || Object.values(reply.outcomes).some((outcome) => outcome !== "same");
}
