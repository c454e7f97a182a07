import assert from "node:assert/strict";
import test from "node:test";
import { quoteOf, selectedPieces } from "../../static/js/highlights.js";
import { browserRules } from "./python.js";

const RULES = browserRules("nl").passage;

const piece = (text, isWhole = false) => ({ node: { text }, text, isWhole });

/** A selection from a place in one piece to a place in another. */
function range(pieces, [first, startOffset], [last, endOffset]) {
  const selected = pieces.slice(first, last + 1).map(({ node }) => node);
  return {
    startContainer: pieces[first].node,
    endContainer: pieces[last].node,
    startOffset,
    endOffset,
    intersectsNode: (node) => selected.includes(node),
  };
}

function quote(pieces, start, end, rules = RULES) {
  const parts = selectedPieces(pieces, range(pieces, start, end));
  return parts.length ? quoteOf(pieces, parts, rules) : null;
}

test("a quote has its place and what is around it", () => {
  const found = quote([piece("Ik leerde veel van de proef.")], [0, 10], [0, 14]);
  assert.equal(found.quote, "veel");
  assert.equal(found.start, 10);
  assert.equal(found.before, "Ik leerde ");
  assert.equal(found.after, " van de proef.");
});

test("white space at its ends is not quoted", () => {
  const found = quote([piece("een  twee  drie")], [0, 3], [0, 11]);
  assert.equal(found.quote, "twee");
  assert.equal(found.start, 5);
  assert.equal(quote([piece("een   twee")], [0, 3], [0, 6]), null);
});

test("a formula is quoted as a whole", () => {
  const pieces = [piece("dus "), piece("$x^2$", true), piece(" klopt")];
  assert.equal(quote(pieces, [0, 1], [1, 0]).quote, "us $x^2$");
});

test("characters count as in Python: an emoji is one", () => {
  const found = quote([piece("😀😀 goed zo")], [0, 5], [0, 9]);
  assert.equal(found.quote, "goed");
  assert.equal(found.start, 3);
  assert.equal(found.before, "😀😀 ");
});

test("what is around a quote is bounded, and so is a quote", () => {
  const text = "a".repeat(2 * RULES.maxLength);
  const found = quote([piece(text)], [0, 100], [0, 100 + RULES.maxLength]);
  assert.equal(found.before.length, RULES.contextLength);
  assert.equal(found.after.length, RULES.contextLength);
  assert.equal(quote([piece(text)], [0, 0], [0, RULES.maxLength + 1]), null);
});
