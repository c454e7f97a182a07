// What the tools of the toolbar do to a text: bold, italic, and lists, as Markdown.

/**
 * @typedef {object} Edit
 * @property {number} from where the text is replaced
 * @property {number} to
 * @property {string} [text] none: the cursor moves, and nothing changes
 * @property {number} [selectFrom] the selection afterwards, counted back from the end of `text`
 * @property {number} [selectTo]
 *
 * @typedef {object} Selection
 * @property {string} value
 * @property {number} selectionStart
 * @property {number} selectionEnd
 */

/** The mark of a list item: indent, bullet or number, space. */
const LIST_ITEM = /^(\s*)(?:([-*])|(\d{1,9})\.) +/;

/**
 * @param {string} value
 * @param {number} at
 */
function lineStart(value, at) {
  return value.slice(0, at).lastIndexOf("\n") + 1;
}

/**
 * Return whether the stars at an edge of a text hold this mark: of three, two are bold and one is
 * italic.
 *
 * @param {string} text
 * @param {RegExp} edge
 * @param {string} mark
 */
function edgeHasMark(text, edge, mark) {
  const length = edge.exec(text)?.[0].length ?? 0;
  return mark === "*" ? length % 2 === 1 : length > 1;
}

/**
 * Return whether the end of a line is inside a pair of marks. A star that begins a list item is no
 * mark.
 *
 * @param {string} line
 * @param {string} mark
 */
function isInsideMark(line, mark) {
  const words = line.replace(/^\s*\* |\\./g, "");
  const bold = words.split("**");
  const parts = mark === "*" ? bold.join("").split("*") : bold;
  return parts.length % 2 === 0;
}

/**
 * Put marks around what is selected, or take them away. With nothing selected inside marks, the
 * cursor moves out of them.
 *
 * @param {Selection} area
 * @param {string} mark
 * @returns {Edit}
 */
export function toggleMark({ value, selectionStart, selectionEnd }, mark) {
  const selected = value.slice(selectionStart, selectionEnd);
  const from = selectionStart + Math.max(selected.search(/\S/), 0); // no space inside marks
  const to = from + (selected.trim() || selected).length;
  const words = value.slice(from, to);
  const { length } = mark;
  const before = value.slice(lineStart(value, from), from);
  if (isInsideMark(before, mark) && edgeHasMark(value.slice(to), /^\**/, mark)) {
    if (before.endsWith(mark)) {
      return { from: from - length, to: to + length, text: words, selectFrom: words.length };
    }
    if (!words) return { from: to + length, to: to + length };
  }
  const bare = words.slice(length, -length);
  const isMarked = [/^\**/, /\**$/].every((edge) => edgeHasMark(words, edge, mark));
  if (isMarked && bare && !bare.includes(mark)) {
    return { from, to, text: bare, selectFrom: bare.length };
  }
  const marked = mark + words + mark;
  return { from, to, text: marked, selectFrom: words.length + length, selectTo: length };
}

/**
 * Return the mark of the item that would follow this line; undefined when it is no list item.
 *
 * @param {string} line
 */
function nextItemMark(line) {
  const match = LIST_ITEM.exec(line);
  if (!match) return undefined;
  const [, indent, bullet, number] = match;
  return `${indent}${bullet ?? `${Number(number) + 1}.`} `;
}

/**
 * Continue the list whose item ends at the cursor, or end it where the item is empty.
 *
 * @param {Selection} area
 * @returns {Edit | null} null when the cursor is not at the end of an item
 */
export function continueList({ value, selectionStart, selectionEnd }) {
  const at = selectionStart;
  const start = lineStart(value, at);
  const line = value.slice(start, at);
  const mark = nextItemMark(line);
  const isLineEnd = at === value.length || value[at] === "\n";
  if (!mark || at !== selectionEnd || !isLineEnd) return null;
  if (line.replace(LIST_ITEM, "")) return { from: at, to: at, text: `\n${mark}` };
  // Without an empty line between them, the text after a list belongs to its last item.
  const needsEmptyLine = start > 1 && value[start - 2] !== "\n";
  return { from: start, to: at, text: needsEmptyLine ? "\n" : "" };
}

/**
 * Make list items of the selected lines, or plain lines of list items.
 *
 * @param {Selection} area
 * @returns {Edit}
 */
export function toggleList({ value, selectionStart, selectionEnd }) {
  const from = lineStart(value, selectionStart);
  const endsWithBreak = selectionEnd > selectionStart && value[selectionEnd - 1] === "\n";
  const last = endsWithBreak ? selectionEnd - 1 : selectionEnd;
  const lineBreak = value.indexOf("\n", last);
  const to = lineBreak < 0 ? value.length : lineBreak;
  const lines = value.slice(from, to).split("\n");
  const above = from > 0 ? value.slice(lineStart(value, from - 1), from - 1) : "";
  const isList = lines.some((line) => line.trim()) && lines.every(isItemOrBlank);
  const text = isList ? withoutMarks(lines) : withMarks(lines, above);
  const selectFrom = Math.min(to - last, text.length); // the cursor stays at its word
  return { from, to, text, selectFrom, selectTo: selectFrom };
}

/** @param {string} line */
function isItemOrBlank(line) {
  return !line.trim() || LIST_ITEM.test(line);
}

/** @param {string[]} lines */
function withoutMarks(lines) {
  return lines.map((line) => line.replace(LIST_ITEM, "$1")).join("\n");
}

/**
 * @param {string[]} lines
 * @param {string} above the line above them: where it is an item, its list goes on
 */
function withMarks(lines, above) {
  let mark = nextItemMark(above) ?? "- ";
  const items = lines.map((line) => {
    const isDone = LIST_ITEM.test(line) || (!line.trim() && lines.length > 1);
    const item = isDone ? line : mark + line;
    mark = nextItemMark(item) ?? mark;
    return item;
  });
  const needsEmptyLine = above.trim() && !nextItemMark(above);
  return (needsEmptyLine ? "\n" : "") + items.join("\n");
}

/**
 * Return `text` with spaces where it would touch what is before and after the selection.
 *
 * @param {Selection} area
 * @param {string} text
 */
export function spaced({ value, selectionStart, selectionEnd }, text) {
  const before = value[selectionStart - 1] ?? " ";
  const after = value[selectionEnd] ?? " ";
  return (/\s/.test(before) ? "" : " ") + text + (/\s/.test(after) ? "" : " ");
}

/**
 * Return the words of a sentence starter, without the dots that ask to go on.
 *
 * @param {string} text
 */
export function starterWords(text) {
  return text
    .replace(/[\s…]+$/, "")
    .replace(/\.{3}$/, "")
    .trimEnd();
}
