// What a screen reader says about the formula field: MathLive names its steps in English alone, and
// here they get the words of the page's language.

import { find, readRules } from "./dom.js";

const QUIET_MS = 2000; // milliseconds without typing before the whole formula is said

/**
 * The words of one language, as reflect/math/speech.py says a formula to whoever reads it later.
 *
 * @typedef {object} SpeechRules
 * @property {Record<string, string>} signs
 * @property {Record<string, [string, string]>} shapes by MathML element: with parts of one word
 *   each, and with longer ones
 * @property {Record<string, string>} powers that have a name of their own
 */

/**
 * What MathLive names, in the words of one language.
 *
 * @typedef {object} StepWords
 * @property {string} empty
 * @property {string} part where MathLive names something else
 * @property {Record<string, string>} positions
 * @property {Record<string, string>} moves
 * @property {Record<string, string>} changes
 */

/** @type {StepWords} */
const ENGLISH = {
  empty: "empty box",
  part: "this part",
  positions: {
    mathfield: "the formula",
    "math field": "the formula",
    fraction: "the fraction",
    numerator: "the numerator",
    denominator: "the denominator",
    "square root": "the root",
    radicand: "the part under the root",
    index: "the number of the root",
    superscript: "the power",
    subscript: "the index",
    delimiter: "the brackets",
  },
  moves: { "out of": "out of", "start of": "start of", "end of": "end of" },
  changes: { selected: "selected", deleted: "deleted" },
};

/** @type {StepWords} */
const DUTCH = {
  empty: "leeg vak",
  part: "dit stuk",
  positions: {
    mathfield: "de formule",
    "math field": "de formule",
    fraction: "de breuk",
    numerator: "de teller",
    denominator: "de noemer",
    "square root": "de wortel",
    radicand: "het stuk onder de wortel",
    index: "het getal bij de wortel",
    superscript: "de macht",
    subscript: "de index",
    delimiter: "de haakjes",
  },
  moves: { "out of": "uit", "start of": "begin van", "end of": "einde van" },
  changes: { selected: "gekozen", deleted: "weg" },
};

/** @type {Record<string, StepWords>} */
export const STEP_WORDS = { en: ENGLISH, nl: DUTCH };

const TOKEN_ELEMENTS = new Set(["mi", "mn", "mo", "mtext"]);
const NO_BREAK_SPACE = "\u00a0";

/**
 * Return a MathML node in words.
 *
 * @param {Node} node
 * @param {SpeechRules} rules
 * @param {StepWords} words
 * @returns {string}
 */
export function speak(node, rules, words) {
  const text = node.textContent?.trim() ?? "";
  if (node.nodeType === Node.TEXT_NODE) return text && words.empty;
  const element = /** @type {Element} */ (node);
  if (TOKEN_ELEMENTS.has(element.localName)) {
    return Object.hasOwn(rules.signs, text) ? rules.signs[text] : text;
  }
  return speakStructure(element, rules, words);
}

/**
 * @param {Element} element with parts
 * @param {SpeechRules} rules
 * @param {StepWords} words
 */
function speakStructure(element, rules, words) {
  const children = [...element.childNodes]
    .map((child) => speak(child, rules, words))
    .filter(Boolean);
  const shape = rules.shapes[element.localName];
  if (!shape) return children.join(" ");
  const power = element.localName === "msup" ? (element.children[1]?.textContent ?? "") : "";
  if (Object.hasOwn(rules.powers, power)) return `${children[0]} ${rules.powers[power]}`;
  const parts = element.localName === "msqrt" ? [children.join(" ")] : children;
  return fillShape(shape, parts, words.empty);
}

/**
 * @param {[string, string]} shape
 * @param {string[]} parts
 * @param {string} missing
 */
function fillShape([short, long], parts, missing) {
  const isLong = [parts[0], parts[parts.length - 1]].some((part) => part?.includes(" "));
  const template = isLong ? long : short;
  return template.replace(/\{(\d)\}/g, (_, index) => parts[Number(index)] ?? missing);
}

/**
 * Return a step that MathLive announced, in the words of a language.
 *
 * @param {string} message
 * @param {StepWords} words
 */
export function translateStep(message, { positions, part, moves, changes }) {
  return message
    .replace(
      /(out of|start of|end of) ([a-z -]+?)(?=[;:]|\s*$)/g,
      (_, move, position) => `${moves[move]} ${positions[position] ?? part}`,
    )
    .replace(/^(selected|deleted):/, (_, change) => `${changes[change]}:`)
    .replace(/[;:](\s*[;:])+/g, ";")
    .replace(/^[\s;:]+|[\s;:]+$/g, "")
    .replace(/;(?=\S)/g, "; ");
}

/**
 * Have a live region of the page say what happens in the field, in place of MathLive's own.
 *
 * @param {any} field of MathLive
 * @param {HTMLElement} liveRegion
 * @param {any} MathfieldElement the class of the field
 */
export function attachSpeech(field, liveRegion, MathfieldElement) {
  const rules = readRules("speech-rules");
  const words = STEP_WORDS[document.documentElement.lang] ?? ENGLISH;
  const mathliveRegion = find("[role=status]", field.shadowRoot);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let suffix = "";
  const say = (/** @type {string} */ text) => {
    suffix = suffix ? "" : NO_BREAK_SPACE; // so that the same words twice are said twice
    liveRegion.textContent = text && text + suffix;
  };
  const speakMathml = (/** @type {string} */ mathml) => {
    const page = new DOMParser().parseFromString(`<math>${mathml}</math>`, "text/html");
    return speak(page.body, rules, words);
  };
  MathfieldElement.textToSpeechRules = "sre"; // MathLive's way to let others speak a formula
  const engine = { setupEngine() {}, toSpeech: speakMathml };
  Object.assign(globalThis, { sre: { System: { getInstance: () => engine } } });
  mathliveRegion.setAttribute("aria-live", "off");
  mathliveRegion.setAttribute("aria-hidden", "true");
  const sayStep = () => say(translateStep(mathliveRegion.textContent ?? "", words));
  const changes = { childList: true, characterData: true, subtree: true };
  new MutationObserver(sayStep).observe(mathliveRegion, changes);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => say(speakMathml(field.getValue("math-ml"))), QUIET_MS);
  });
}
