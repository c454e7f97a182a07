// The words of phrases: which ones fit what was typed, and where {naam} is in one. The server puts
// the student's name there: reflect/reports/snippets.py.

/**
 * Return where the first placeholder of a phrase is: a name in braces.
 *
 * @param {string} text
 * @param {string[]} names
 * @returns {{index: number, length: number} | null}
 */
export function findPlaceholder(text, names) {
  const match = new RegExp(`\\{\\s*(?:${names.join("|")})\\s*\\}`, "i").exec(text);
  return match && { index: match.index, length: match[0].length };
}

/**
 * Return whether a phrase has all the words that were typed.
 *
 * @param {string} text
 * @param {string} typed
 */
export function hasWords(text, typed) {
  const lowerText = text.toLocaleLowerCase();
  const terms = typed.toLocaleLowerCase().split(/\s+/);
  return terms.every((term) => lowerText.includes(term));
}

/**
 * Put a placeholder where the name of this student is, as a word of its own.
 *
 * @param {string} text
 * @param {string} name
 * @param {string} placeholder
 */
export function withPlaceholder(text, name, placeholder) {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const wholeWord = new RegExp(`(?<!\\p{L})${escaped}(?!\\p{L})`, "gu");
  return text.replace(wholeWord, placeholder);
}

/**
 * @param {string} text
 * @param {number} maxLength
 */
export function shortened(text, maxLength) {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
