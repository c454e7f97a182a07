// Words that are selected in a text: which characters they are, as the server counts them, and how
// they are highlighted.

/**
 * @typedef {object} TextPiece
 * @property {ChildNode} node
 * @property {string} text as it was typed, for a formula
 * @property {boolean} isWhole whether it can only be selected as a whole
 *
 * @typedef {TextPiece & {from: number, to: number}} SelectedPiece
 *
 * @typedef {object} Quote
 * @property {SelectedPiece[]} parts
 * @property {string} quote
 * @property {number} start characters before it in the text
 * @property {string} before the characters right before it
 * @property {string} after
 */

/**
 * Return the pieces of a text as it is read: characters, and formulas as they were typed.
 *
 * @param {Node} root
 * @returns {TextPiece[]}
 */
function textPieces(root) {
  if (root.nodeType === Node.TEXT_NODE) {
    const node = /** @type {Text} */ (root);
    return [{ node, text: node.data, isWhole: false }];
  }
  const node = /** @type {Element} */ (root);
  if (node.matches("math, .formula-parts")) {
    return [{ node, text: latexSource(node), isWhole: true }];
  }
  if (node.matches(".formula-as-typed")) {
    return [{ node, text: node.textContent ?? "", isWhole: true }];
  }
  if (node.matches(".remark-ref, .formula-hint")) return [];
  return [...node.childNodes].flatMap(textPieces);
}

/** @param {Element} formula */
function latexSource(formula) {
  const isBlock = formula.getAttribute("display") === "block";
  let [before, after] = isBlock ? ["$$", "$$"] : ["$", "$"];
  if (formula.getAttribute("data-notation") === "brackets") {
    [before, after] = isBlock ? ["\\[", "\\]"] : ["\\(", "\\)"];
  }
  return before + formula.querySelector("annotation")?.textContent + after;
}

/**
 * Return what of these pieces is selected, without white space at its ends.
 *
 * @param {TextPiece[]} pieces
 * @param {Range} range
 * @returns {SelectedPiece[]}
 */
export function selectedPieces(pieces, range) {
  const selected = [];
  for (const piece of pieces) {
    const { node, text, isWhole } = piece;
    if (!range.intersectsNode(node)) continue;
    const from = !isWhole && node === range.startContainer ? range.startOffset : 0;
    const to = !isWhole && node === range.endContainer ? range.endOffset : text.length;
    if (from < to) selected.push({ ...piece, from, to });
  }
  return trimmed(selected);
}

/**
 * @param {SelectedPiece[]} pieces
 * @returns {SelectedPiece[]}
 */
function trimmed(pieces) {
  const result = [...pieces];
  const textOf = (/** @type {SelectedPiece} */ { text, from, to }) => text.slice(from, to);
  while (result.length && !textOf(result[0]).trim()) result.shift();
  while (result.length && !textOf(result[result.length - 1]).trim()) result.pop();
  if (!result.length) return result;
  const first = result[0];
  if (!first.isWhole) first.from = first.to - textOf(first).trimStart().length;
  const last = result[result.length - 1];
  if (!last.isWhole) last.to = last.from + textOf(last).trimEnd().length;
  return result;
}

/**
 * Return the words of `root` that are selected, with what is around them.
 *
 * @param {Element} root
 * @param {Range} range
 * @param {{maxLength: number, contextLength: number}} rules the characters of a quote and around it
 * @returns {Quote | null} null when nothing is selected, or too much
 */
export function quoteSelection(root, range, rules) {
  const pieces = textPieces(root);
  const parts = selectedPieces(pieces, range);
  return parts.length ? quoteOf(pieces, parts, rules) : null;
}

/**
 * Count as Python does: a character is one code point, and half of a surrogate pair is none.
 *
 * @param {TextPiece[]} pieces
 * @param {SelectedPiece[]} parts
 * @param {{maxLength: number, contextLength: number}} rules
 * @returns {Quote | null}
 */
export function quoteOf(pieces, parts, { maxLength, contextLength }) {
  const joined = (/** @type {TextPiece[]} */ some) => some.map(({ text }) => text).join("");
  const firstIndex = pieces.findIndex(({ node }) => node === parts[0].node);
  const beforeQuote = joined(pieces.slice(0, firstIndex)) + parts[0].text.slice(0, parts[0].from);
  const quote = parts.map(({ text, from, to }) => text.slice(from, to)).join("");
  const characters = [...joined(pieces)];
  const start = [...beforeQuote].length;
  const end = start + [...quote].length;
  if (end - start > maxLength) return null;
  return {
    parts,
    quote,
    start,
    before: characters.slice(Math.max(0, start - contextLength), start).join(""),
    after: characters.slice(end, end + contextLength).join(""),
  };
}

/**
 * Highlight these pieces and put a reference after the last, as reflect/text/highlights.py does.
 *
 * @param {SelectedPiece[]} pieces
 * @param {string} key of the remark
 */
export function highlight(pieces, key) {
  /** @type {HTMLElement | null} */
  let last = null;
  for (const piece of pieces) {
    const isBlockGap = /^\s*\n\s*$/.test(piece.text.slice(piece.from, piece.to));
    if (!piece.isWhole && isBlockGap) continue;
    const element = document.createElement("mark");
    if (!last) element.id = `passage-${key}`;
    const target = piece.isWhole ? piece.node : splitOff(piece);
    target.replaceWith(element);
    element.append(target);
    last = element;
  }
  const reference = document.createElement("sup");
  reference.className = "remark-ref";
  const link = document.createElement("a");
  link.href = `#remark.${key}`;
  reference.append(link);
  last?.after(reference);
}

/**
 * Make a text node of its own of the selected characters.
 *
 * @param {SelectedPiece} piece
 */
function splitOff({ node, from, to }) {
  const text = /** @type {Text} */ (node);
  const target = from ? text.splitText(from) : text;
  if (to - from < target.data.length) target.splitText(to - from);
  return target;
}
