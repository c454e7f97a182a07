// The formula page: lets a student make a formula, and hands LaTeX to the page around it.

import { listen } from "./formula-heard.js";

const field = document.getElementById("formula");
const told = document.getElementById("told");
let sink = null; // what has the focus inside the field; MathLive's own focus() comes too late for a fast typist
let leapt = null; // where the caret stands right after a power of digits that were just typed

const tell = (kind, more = {}) => parent.postMessage({ reflect: "formula", kind, ...more }, location.origin);
const say = (sentence) => {
  told.classList.remove("busy");
  told.textContent = sentence;
};

// What MathLive writes in its own way, as LaTeX that everyone reads.
const PLAIN = {
  "\\mleft": "\\left",
  "\\mright": "\\right",
  "\\differentialD": "d",
  "\\capitalDifferentialD": "D",
  "\\exponentialE": "e",
  "\\imaginaryI": "i",
  "\\imaginaryJ": "j",
  "\\degree": "^{\\circ}",
  "\\doubleprime": "\\prime\\prime",
  "\\lbrack": "[",
  "\\rbrack": "]",
};
const ARGUMENTS = { "\\frac": 2, "\\dfrac": 2, "\\tfrac": 2, "\\binom": 2, "\\sqrt": 1, "^": 1, _: 1 };

export function tidy(latex) {
  const words = latex.match(/\\[a-zA-Z]+|\\[^]|\s+|[^]/gu) ?? [];
  const row = (end) => {
    let written = "";
    while (words.length && words[0] !== end) written += piece();
    words.shift();
    return written;
  };
  const piece = () => {
    const word = words.shift();
    if (word === "{") return `{${row("}")}}`;
    let written = PLAIN[word] ?? word;
    if (word === "\\sqrt" && words[0] === "[") {
      words.shift();
      written += `[${row("]")}]`;
    }
    for (let wanted = ARGUMENTS[word] ?? 0; wanted && words.length; wanted -= 1) {
      while (words[0]?.trim() === "") words.shift();
      const argument = piece();
      written += argument.startsWith("{") ? argument : `{${argument}}`;
    }
    // A letter right after a command would become part of its name.
    return /\\[a-zA-Z]+$/.test(written) && /^[a-zA-Z]/.test(PLAIN[words[0]] ?? words[0] ?? "") ? `${written} ` : written;
  };
  return row(null).trim();
}

function insert() {
  const latex = tidy(field.getValue("latex-expanded"));
  if (latex === "") say(told.dataset.empty);
  else if (/\\placeholder|\{\}/.test(latex)) {
    say(told.dataset.unfinished);
    field.executeCommand("moveToMathfieldStart");
    field.executeCommand("moveToNextPlaceholder");
  } else if (latex.length > Number(told.dataset.longest)) say(told.dataset.long);
  else return tell("insert", { latex });
  sink.focus({ preventScroll: true });
}

// After one digit MathLive leaves a power, so that x^2+1 needs no arrow; a digit right after it still belongs there: 10^12.
function belongs(event) {
  say("");
  if (UNSAID.test(event.data)) event.preventDefault();
  else if (/^\d$/.test(event.data) && field.selectionIsCollapsed && leapt === field.position) {
    event.preventDefault();
    leapt = null;
    field.position -= 1;
    field.insert(event.data, { selectionMode: "after", insertionMode: "insertAfter" });
    field.executeCommand("moveAfterParent");
    leapt = field.position;
  }
}

function leaps({ data }) {
  const before = field.getValue(0, field.position, "latex");
  leapt = /^\d$/.test(data) && /\^(?:\d|\{\d+\})$/.test(before) ? field.position : null;
}

document.getElementById("cancel").addEventListener("click", () => tell("cancel"));
addEventListener(
  "keydown",
  (event) => {
    if (event.isComposing) return;
    const sending = event.key === "Enter" && (event.target === field || event.ctrlKey || event.metaKey);
    if (event.key !== "Escape" && !sending) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (sending) insert();
    else tell("cancel");
  },
  { capture: true },
);

// What is typed as a word and becomes a sign: only what a student means by it.
const GREEK = ["alpha", "beta", "gamma", "delta", "Delta", "epsilon", "theta", "lambda", "mu", "pi", "rho", "sigma", "phi", "omega"];
const NAMES = ["sin", "cos", "tan", "log", "ln"];
const SHORT = {
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
  ...Object.fromEntries([...GREEK, ...NAMES].map((name) => [name, `\\${name}`])),
};
const UNSAID = /^(?:\\?[$"#~&]|\\|\\backslash)$/; // no sign of a formula here
const UNUSED = new Set(["\\", "[IntlBackslash]", "[Escape]"]); // the ways into LaTeX

function prepare({ MathfieldElement }) {
  Object.assign(MathfieldElement, {
    fontsDirectory: null, // formula.css says where they are
    soundsDirectory: null,
    plonkSound: null,
    locale: document.documentElement.lang,
    decimalSeparator: document.documentElement.lang === "nl" ? "," : ".",
  });
  Object.assign(field, {
    mathVirtualKeyboardPolicy: "manual",
    popoverPolicy: "off",
    environmentPopoverPolicy: "off",
    smartMode: false,
    inlineShortcuts: SHORT,
    keybindings: field.keybindings.filter(({ key, command }) => !UNUSED.has(key) && !String(command).startsWith("switchMode")),
    menuItems: [],
  });
  sink = field.shadowRoot.querySelector("[part=keyboard-sink]");
  sink.inputMode = "text"; // a phone opens its own keyboard
  sink.setAttribute("aria-description", document.getElementById("formula-help").textContent);
  listen({ field, heard: document.getElementById("heard"), MathfieldElement });
}

try {
  prepare(await import("../vendor/mathlive/mathlive.min.mjs"));

  // A button must not take the focus, or a phone closes its keyboard.
  for (const button of document.querySelectorAll("[data-insert], #undo")) {
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      say("");
      if (button.id === "undo") field.executeCommand("undo");
      else field.insert(button.dataset.insert, { selectionMode: "placeholder" });
      sink.focus({ preventScroll: true });
    });
  }
  document.getElementById("insert").addEventListener("click", insert);
  field.addEventListener("beforeinput", belongs);
  field.addEventListener("input", leaps);
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== parent || data?.reflect !== "formula" || data.kind !== "start") return;
    field.setValue(data.latex, { silenceNotifications: true });
    field.resetUndo?.();
    sink.focus({ preventScroll: true });
    say(""); // not before: what is typed now is heard
  });
  if (parent === window) say("");
} catch (error) {
  say(told.dataset.broken);
  console.error(error);
}
tell("ready");
