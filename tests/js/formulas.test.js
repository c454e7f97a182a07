import assert from "node:assert/strict";
import test from "node:test";
import { normalizeLatex } from "../../static/js/formula-latex.js";
import { speak, STEP_WORDS, translateStep } from "../../static/js/formula-speech.js";
import { formulaAt } from "../../static/js/formula-text.js";
import { browserRules } from "./python.js";

const RULES = { nl: browserRules("nl"), en: browserRules("en") };
globalThis.Node = { TEXT_NODE: 3 };

/** @param {string} text with the cursor as | */
function at(text) {
  const cursor = text.indexOf("|");
  const area = { value: text.replace("|", ""), selectionStart: cursor, selectionEnd: cursor };
  return formulaAt(area, RULES.nl.formula);
}

test("the formula at the cursor is found, with its dollars", () => {
  assert.deepEqual(at("als $x^|2$ dan"), { from: 4, to: 9, latex: "x^2", sign: "$" });
  assert.deepEqual(at("$$a\n+| b$$"), { from: 0, to: 9, latex: "a\n+ b", sign: "$$" });
  assert.equal(at("|als $x^2$"), null);
});

test("the formula at the cursor may be between the brackets of LaTeX", () => {
  assert.deepEqual(at("als \\(x^|2\\) dan"), { from: 4, to: 11, latex: "x^2", sign: "$" });
  assert.deepEqual(at("\\[a\n|- 5\\]"), { from: 0, to: 9, latex: "a\n- 5", sign: "$$" });
  assert.equal(at("`s nachts $x|$ en `s avonds")?.latex, "x");
});

test("what only looks like a formula is none", () => {
  for (const text of ["het kost $5 of| 10$", "`$x|$`", "\\$x|$", "a$x|$", "$ x|$", "$1|$2"]) {
    assert.equal(at(text), null, text);
  }
  assert.equal(at("$sin| x$")?.latex, "sin x");
});

test("what MathLive has a command of its own for is written in standard LaTeX", () => {
  assert.equal(normalizeLatex("\\mleft(x\\mright)"), "\\left(x\\right)");
  assert.equal(normalizeLatex("\\exponentialE^x"), "e^{x}");
  assert.equal(normalizeLatex("90\\degree"), "90^{\\circ}");
});

test("every argument has braces", () => {
  assert.equal(normalizeLatex("\\frac12"), "\\frac{1}{2}");
  assert.equal(normalizeLatex("\\sqrt[3]8"), "\\sqrt[3]{8}");
  assert.equal(normalizeLatex("x^ 2_1"), "x^{2}_{1}");
  assert.equal(normalizeLatex("\\frac{\\sqrt2}{3}"), "\\frac{\\sqrt{2}}{3}");
});

test("a letter does not become part of a command's name", () => {
  assert.equal(normalizeLatex("\\pi\\imaginaryI"), "\\pi i");
});

const text = (value) => ({ nodeType: 3, textContent: value });
const element = (localName, ...children) => ({
  nodeType: 1,
  localName,
  children: children.filter((child) => child.nodeType === 1),
  childNodes: children,
  textContent: children.map((child) => child.textContent).join(""),
});
const mi = (value) => element("mi", text(value));
const mo = (value) => element("mo", text(value));
const say = (node, language) => speak(node, RULES[language].speech, STEP_WORDS[language]);

test("a formula is said in words of the page's language", () => {
  const sum = element("mrow", mi("a"), mo("+"), mi("b"));
  assert.equal(say(sum, "nl"), "a plus b");
  assert.equal(say(element("mfrac", mi("a"), mi("b")), "nl"), "a gedeeld door b");
  assert.equal(say(element("mfrac", mi("a"), mi("b")), "en"), "a over b");
  assert.equal(say(element("mfrac", sum, mi("c")), "en"), "fraction a plus b over c end fraction");
  assert.equal(say(element("msup", mi("x"), mi("2")), "nl"), "x kwadraat");
  assert.equal(
    say(element("msqrt", mi("a"), mo("+"), mi("b")), "nl"),
    "wortel van a plus b einde wortel",
  );
});

test("an empty box is said as one", () => {
  assert.equal(say(element("mfrac", mi("a")), "en"), "a over empty box");
  assert.equal(say(text("⬚"), "nl"), "leeg vak");
});

test("a step of MathLive is said in words of the page's language", () => {
  const step = (message, language) => translateStep(message, STEP_WORDS[language]);
  assert.equal(
    step("out of numerator;start of denominator: x", "nl"),
    "uit de teller; begin van de noemer: x",
  );
  assert.equal(step("end of mathfield", "en"), "end of the formula");
  assert.equal(step("end of something new", "en"), "end of this part");
  assert.equal(step("selected: x", "nl"), "gekozen: x");
  assert.equal(step(" ; x ;; y: ", "nl"), "x ; y");
});
