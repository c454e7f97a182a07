// Finds formulas in a text, by the rules that the server has for them.

/**
 * @typedef {object} FormulaRules
 * @property {string} pattern of a formula, and of what only looks like one
 * @property {string[]} functions words that a formula may have, in lowercase
 * @property {string} mathSigns characters that make a formula of any text
 *
 * @typedef {object} FormulaPlace
 * @property {number} from
 * @property {number} to
 * @property {string} latex
 * @property {"$" | "$$"} sign around it, or in place of the brackets of LaTeX
 */

/**
 * Return whether this is rather a sentence between two amounts of money: "$5 or 10$".
 *
 * @param {string} latex
 * @param {FormulaRules} rules
 */
function isProse(latex, { functions, mathSigns }) {
  if ([...latex].some((char) => mathSigns.includes(char))) return false;
  const words = latex.trim().split(/\s+/).slice(0, -1); // the last may be a unit
  return words.some((word) => {
    const isWord = /^\p{L}{2,}$/u.test(word);
    return isWord && !functions.includes(word.toLowerCase());
  });
}

/**
 * Return the formula that the cursor is in, or that the selection touches.
 *
 * @param {import("./text-edits.js").Selection} area
 * @param {FormulaRules} rules
 * @returns {FormulaPlace | null}
 */
export function formulaAt({ value, selectionStart, selectionEnd }, rules) {
  for (const match of value.matchAll(new RegExp(rules.pattern, "gu"))) {
    const groups = match.groups ?? {};
    const latex = (Object.values(groups).find(Boolean) ?? "").trim();
    const from = match.index;
    const to = from + match[0].length;
    const isTouched = from < selectionEnd && selectionStart < to;
    if (latex && isTouched && !isProse(latex, rules)) {
      return { from, to, latex, sign: groups.block || groups.square ? "$$" : "$" };
    }
  }
  return null;
}
