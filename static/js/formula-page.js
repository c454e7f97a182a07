// The formula page: lets a student make a formula, and hands LaTeX to the page around it.

import { find, findAll } from "./dom.js";
import { normalizeLatex } from "./formula-latex.js";
import { attachSpeech } from "./formula-speech.js";

// Not a literal in import(): the checker of types would read all of it.
const MATHLIVE = "../vendor/mathlive/mathlive.min.mjs";

const field = /** @type {any} */ (find("#formula"));
const status = find("#formula-status");
/**
 * What has the focus inside the field: MathLive's own focus() comes too late for a fast typist.
 *
 * @type {HTMLElement}
 */
let keyboardSink;
/** @type {number | null} where the cursor is right after a power of digits was typed */
let positionAfterPower = null;

/**
 * @param {"ready" | "insert" | "cancel"} kind
 * @param {{latex?: string}} [more]
 */
function postToParent(kind, more = {}) {
  parent.postMessage({ reflect: "formula", kind, ...more }, location.origin);
}

/** @param {string | undefined} message */
function showStatus(message) {
  status.classList.remove("is-busy");
  status.textContent = message ?? "";
}

function focusField() {
  keyboardSink.focus({ preventScroll: true });
}

function submitFormula() {
  const latex = normalizeLatex(field.getValue("latex-expanded"));
  const { empty, unfinished, long, longest } = status.dataset;
  if (latex === "") showStatus(empty);
  else if (/\\placeholder|\{\}/.test(latex)) {
    showStatus(unfinished);
    field.executeCommand("moveToMathfieldStart");
    field.executeCommand("moveToNextPlaceholder");
  } else if (latex.length > Number(longest)) showStatus(long);
  else {
    postToParent("insert", { latex });
    return;
  }
  focusField();
}

/**
 * Keep a digit in the power that MathLive has left already.
 *
 * After one digit it leaves a power, so that x^2+1 needs no arrow key. A digit right after it still
 * belongs there: 10^12.
 *
 * @param {InputEvent} event
 */
function onBeforeInput(event) {
  showStatus("");
  const typed = event.data ?? "";
  if (FORBIDDEN_INPUT.test(typed)) {
    event.preventDefault();
    return;
  }
  const isAfterPower = field.selectionIsCollapsed && positionAfterPower === field.position;
  if (!/^\d$/.test(typed) || !isAfterPower) return;
  event.preventDefault();
  positionAfterPower = null;
  field.position -= 1;
  field.insert(typed, { selectionMode: "after", insertionMode: "insertAfter" });
  field.executeCommand("moveAfterParent");
  positionAfterPower = field.position;
}

/** @param {InputEvent} event */
function trackPower({ data }) {
  const before = field.getValue(0, field.position, "latex");
  const endsWithPower = /\^(?:\d|\{\d+\})$/.test(before);
  positionAfterPower = /^\d$/.test(data ?? "") && endsWithPower ? field.position : null;
}

find("#cancel").addEventListener("click", () => postToParent("cancel"));
addEventListener("keydown", onKey, { capture: true });

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.isComposing) return;
  const isInField = event.target === field;
  const submits = event.key === "Enter" && (isInField || event.ctrlKey || event.metaKey);
  if (event.key !== "Escape" && !submits) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (submits) submitFormula();
  else postToParent("cancel");
}

// Words that become a sign while typing: only those that a student means as one.
const GREEK = "alpha beta gamma delta Delta epsilon theta lambda mu pi rho sigma phi omega";
const NAMES = "sin cos tan log ln";
const COMMANDS = `${GREEK} ${NAMES}`.split(" ");
const SHORTCUTS = {
  sqrt: "\\sqrt{#?}",
  wortel: "\\sqrt{#?}",
  "*": "\\cdot",
  "<=": "\\le",
  ">=": "\\ge",
  "!=": "\\ne",
  "+-": "\\pm",
  "->": "\\to",
  "=>": "\\Rightarrow",
  "~~": "\\approx",
  "°": "^{\\circ}",
  "²": "^2",
  "³": "^3",
  "√": "\\sqrt{#?}",
  "%": "\\%",
  ...Object.fromEntries(COMMANDS.map((name) => [name, `\\${name}`])),
};
const FORBIDDEN_INPUT = /^(?:\\?[$"#~&]|\\|\\backslash)$/; // no sign of a formula here
const UNUSED_KEYS = new Set(["\\", "[IntlBackslash]", "[Escape]"]); // the ways into LaTeX

/**
 * Turn off what MathLive has and a student does not need.
 *
 * @param {any} MathfieldElement
 */
function setUpField(MathfieldElement) {
  const { lang } = document.documentElement;
  Object.assign(MathfieldElement, {
    fontsDirectory: null, // formula.css says where they are
    soundsDirectory: null,
    plonkSound: null,
    locale: lang,
    decimalSeparator: (0.5).toLocaleString(lang)[1],
  });
  Object.assign(field, {
    mathVirtualKeyboardPolicy: "manual",
    popoverPolicy: "off",
    environmentPopoverPolicy: "off",
    smartMode: false,
    inlineShortcuts: SHORTCUTS,
    keybindings: field.keybindings.filter(isWanted),
    menuItems: [],
  });
  keyboardSink = find("[part=keyboard-sink]", field.shadowRoot);
  keyboardSink.inputMode = "text"; // a phone opens its own keyboard
  keyboardSink.setAttribute("aria-description", find("#formula-help").textContent ?? "");
  attachSpeech(field, find("#formula-live"), MathfieldElement);
}

/** @param {{key: string, command: unknown}} keybinding */
function isWanted({ key, command }) {
  return !UNUSED_KEYS.has(key) && !String(command).startsWith("switchMode");
}

/** @param {HTMLElement} button */
function setUpButton(button) {
  // A button must not take the focus, or a phone closes its keyboard.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    showStatus("");
    if (button.id === "undo") field.executeCommand("undo");
    else field.insert(button.dataset.insert, { selectionMode: "placeholder" });
    focusField();
  });
}

/** @param {MessageEvent} event */
function onMessage({ origin, source, data }) {
  const isFromParent = origin === location.origin && source === parent;
  if (!isFromParent || data?.reflect !== "formula" || data.kind !== "start") return;
  field.setValue(data.latex, { silenceNotifications: true });
  field.resetUndo?.();
  focusField();
  showStatus(""); // now, and not before, the field hears what is typed
}

try {
  const { MathfieldElement } = await import(MATHLIVE);
  setUpField(MathfieldElement);
  findAll("[data-insert], #undo").forEach(setUpButton);
  find("#insert").addEventListener("click", submitFormula);
  field.addEventListener("beforeinput", onBeforeInput);
  field.addEventListener("input", trackPower);
  addEventListener("message", onMessage);
  if (parent === window) showStatus("");
} catch (error) {
  showStatus(status.dataset.broken);
  console.error(error); // eslint-disable-line no-console -- whoever looks into it needs the reason
}
postToParent("ready");
