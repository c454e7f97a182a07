// The tools of the toolbar. A text in these tests shows the selection as [...] or the cursor as |.

import assert from "node:assert/strict";
import test from "node:test";
import {
  continueList,
  spaced,
  starterWords,
  toggleList,
  toggleMark,
} from "../../static/js/text-edits.js";

/** @param {string} text */
function area(text) {
  const value = text.replace(/[[\]|]/g, "");
  if (text.includes("|")) {
    const at = text.indexOf("|");
    return { value, selectionStart: at, selectionEnd: at };
  }
  return { value, selectionStart: text.indexOf("["), selectionEnd: text.indexOf("]") - 1 };
}

/** Return the text after an edit, with its selection. */
function applied({ value }, { from, to, text, selectFrom = 0, selectTo = 0 }) {
  const inserted = text ?? value.slice(from, to);
  const end = from + inserted.length;
  const result = value.slice(0, from) + inserted + value.slice(to);
  // Without a new text the selection is what was between `from` and `to`.
  const start = text === undefined ? from : end - selectFrom;
  const stop = text === undefined ? to : end - selectTo;
  if (start === stop) return `${result.slice(0, start)}|${result.slice(start)}`;
  return `${result.slice(0, start)}[${result.slice(start, stop)}]${result.slice(stop)}`;
}

const bold = (text) => applied(area(text), toggleMark(area(text), "**"));
const italic = (text) => applied(area(text), toggleMark(area(text), "*"));
const list = (text) => applied(area(text), toggleList(area(text)));
const onEnter = (text) => {
  const edit = continueList(area(text));
  return edit && applied(area(text), edit);
};

test("marks go around what is selected, and away again", () => {
  assert.equal(bold("een [woord] hier"), "een **[woord]** hier");
  assert.equal(bold("een **[woord]** hier"), "een [woord] hier");
  assert.equal(bold("een [**woord**] hier"), "een [woord] hier");
  assert.equal(italic("een [woord] hier"), "een *[woord]* hier");
});

test("marks have no space inside them", () => {
  assert.equal(bold("een [ woord ]hier"), "een  **[woord]** hier");
});

test("with nothing selected the cursor goes into new marks, and out of those around it", () => {
  assert.equal(bold("een |"), "een **|**");
  assert.equal(bold("een **woord|** hier"), "een **woord**| hier");
  assert.equal(bold("een **|**"), "een |");
});

test("italic inside bold is kept apart from it", () => {
  assert.equal(italic("**[woord]**"), "***[woord]***");
  assert.equal(italic("***[woord]***"), "**[woord]**");
  assert.equal(bold("***[woord]***"), "*[woord]*");
});

test("a star that begins a list item is no mark", () => {
  assert.equal(italic("* een [woord]*"), "* een *[woord]**");
});

test("lines become items, and items lines", () => {
  assert.equal(list("een|"), "- een|");
  assert.equal(list("- een|"), "een|");
  assert.equal(list("[een\ntwee]"), "- een\n- twee|");
  assert.equal(list("[- een\n- twee]"), "een\ntwee|");
});

test("a list goes on from the item above, and begins after an empty line", () => {
  assert.equal(list("1. een\ntwee|"), "1. een\n2. twee|");
  assert.equal(list("een zin\ntwee|"), "een zin\n\n- twee|");
});

test("a line that is not quite selected is not of the list", () => {
  assert.equal(list("[een\n]twee"), "- een|\ntwee");
});

test("enter continues a list at the end of an item alone", () => {
  assert.equal(onEnter("- een|"), "- een\n- |");
  assert.equal(onEnter("  9. negen|\nmeer"), "  9. negen\n  10. |\nmeer");
  assert.equal(onEnter("een|"), null);
  assert.equal(onEnter("- e|en"), null);
  assert.equal(onEnter("- [een]"), null);
});

test("enter in an empty item ends the list", () => {
  assert.equal(onEnter("- een\n- |"), "- een\n\n|");
  assert.equal(onEnter("- |"), "|");
  assert.equal(onEnter("een\n\n- |"), "een\n\n|");
});

test("a formula does not touch the words around it", () => {
  assert.equal(spaced(area("een|twee"), "$x$"), " $x$ ");
  assert.equal(spaced(area("|"), "$x$"), "$x$");
  assert.equal(spaced(area("een | twee"), "$x$"), "$x$");
});

test("a sentence starter loses the dots that ask to go on", () => {
  for (const text of ["Ik leerde …", "Ik leerde...", "Ik leerde ... ", "Ik leerde"]) {
    assert.equal(starterWords(text), "Ik leerde");
  }
});
