// What a screen reader hears of the formula field: MathLive tells its steps in English only; here they get the page's words.

const QUIET = 2000; // milliseconds without typing before the whole formula is said
const speech = document.documentElement.lang === "nl" ? 0 : 1;

// Each in Dutch and in English, as reflect/spoken.py says a formula to who reads it later.
const SIGNS = {
  "+": ["plus", "plus"],
  "-": ["min", "minus"],
  "−": ["min", "minus"],
  "±": ["plus of min", "plus or minus"],
  "·": ["keer", "times"],
  "⋅": ["keer", "times"],
  "×": ["keer", "times"],
  ":": ["gedeeld door", "divided by"],
  "∶": ["gedeeld door", "divided by"],
  "÷": ["gedeeld door", "divided by"],
  "/": ["gedeeld door", "divided by"],
  "=": ["is gelijk aan", "equals"],
  "≠": ["is niet gelijk aan", "is not equal to"],
  "≈": ["is ongeveer gelijk aan", "is approximately equal to"],
  "<": ["is kleiner dan", "is less than"],
  ">": ["is groter dan", "is greater than"],
  "≤": ["is kleiner dan of gelijk aan", "is less than or equal to"],
  "≥": ["is groter dan of gelijk aan", "is greater than or equal to"],
  "(": ["haakje openen", "open bracket"],
  ")": ["haakje sluiten", "close bracket"],
  "[": ["vierkant haakje openen", "open square bracket"],
  "]": ["vierkant haakje sluiten", "close square bracket"],
  "|": ["verticale streep", "vertical bar"],
  ",": ["komma", "comma"],
  "!": ["faculteit", "factorial"],
  "%": ["procent", "percent"],
  "°": ["graden", "degrees"],
  "∘": ["graden", "degrees"],
  "′": ["accent", "prime"],
  "→": ["naar", "to"],
  "⇒": ["dus", "implies"],
  "∞": ["oneindig", "infinity"],
  π: ["pi", "pi"],
  α: ["alpha", "alpha"],
  β: ["beta", "beta"],
  γ: ["gamma", "gamma"],
  δ: ["delta", "delta"],
  Δ: ["delta", "delta"],
  ε: ["epsilon", "epsilon"],
  ϵ: ["epsilon", "epsilon"],
  θ: ["theta", "theta"],
  λ: ["lambda", "lambda"],
  μ: ["mu", "mu"],
  ρ: ["rho", "rho"],
  σ: ["sigma", "sigma"],
  ϕ: ["phi", "phi"],
  φ: ["phi", "phi"],
  ω: ["omega", "omega"],
  sin: ["sinus", "sine"],
  cos: ["cosinus", "cosine"],
  tan: ["tangens", "tangent"],
  log: ["logaritme", "log"],
  ln: ["natuurlijke logaritme", "natural log"],
};
const EMPTY = ["leeg vak", "empty box"];
// With parts of one word each, and with longer ones.
const SHAPES = {
  mfrac: [
    ["{0} gedeeld door {1}", "breuk {0} gedeeld door {1} einde breuk"],
    ["{0} over {1}", "fraction {0} over {1} end fraction"],
  ],
  msqrt: [
    ["wortel {0}", "wortel van {0} einde wortel"],
    ["square root of {0}", "square root of {0} end root"],
  ],
  mroot: [
    ["wortel met index {1} van {0}", "wortel met index {1} van {0} einde wortel"],
    ["root with index {1} of {0}", "root with index {1} of {0} end root"],
  ],
  msup: [
    ["{0} tot de macht {1}", "{0} tot de macht {1} einde macht"],
    ["{0} to the power {1}", "{0} to the power {1} end power"],
  ],
  msub: [
    ["{0} index {1}", "{0} index {1} einde index"],
    ["{0} sub {1}", "{0} sub {1} end sub"],
  ],
  msubsup: [
    ["{0} index {1} tot de macht {2}", "{0} index {1} tot de macht {2} einde macht"],
    ["{0} sub {1} to the power {2}", "{0} sub {1} to the power {2} end power"],
  ],
};
const POWERS = { 2: ["kwadraat", "squared"], 3: ["tot de derde", "cubed"], "∘": SIGNS["∘"] };
// The places and steps that MathLive names.
const PLACES = {
  mathfield: ["de formule", "the formula"],
  "math field": ["de formule", "the formula"],
  fraction: ["de breuk", "the fraction"],
  numerator: ["de teller", "the numerator"],
  denominator: ["de noemer", "the denominator"],
  "square root": ["de wortel", "the root"],
  radicand: ["het stuk onder de wortel", "the part under the root"],
  index: ["het getal bij de wortel", "the number of the root"],
  superscript: ["de macht", "the power"],
  subscript: ["de index", "the index"],
  delimiter: ["de haakjes", "the brackets"],
};
const PART = ["dit stuk", "this part"];
const STEPS = { "out of": ["uit", "out of"], "start of": ["begin van", "start of"], "end of": ["einde van", "end of"] };
const DONE = { selected: ["gekozen", "selected"], deleted: ["weg", "deleted"] };

const TOKENS = new Set(["mi", "mn", "mo", "mtext"]);

function spoken(node) {
  const written = node.textContent.trim();
  if (node.nodeType === Node.TEXT_NODE) return written && EMPTY[speech];
  if (TOKENS.has(node.localName)) return Object.hasOwn(SIGNS, written) ? SIGNS[written][speech] : written;
  const said = [...node.childNodes].map(spoken).filter(Boolean);
  const shape = SHAPES[node.localName]?.[speech];
  if (!shape) return said.join(" ");
  const power = node.localName === "msup" && node.children[1]?.textContent;
  if (Object.hasOwn(POWERS, power)) return `${said[0]} ${POWERS[power][speech]}`;
  const parts = node.localName === "msqrt" ? [said.join(" ")] : said;
  const words = shape[Number(parts.slice(-1)[0]?.includes(" ") || parts[0]?.includes(" "))];
  return words.replace(/\{(\d)\}/g, (_, place) => parts[place] ?? EMPTY[speech]);
}

const aloud = (mathml) => spoken(new DOMParser().parseFromString(`<math>${mathml}</math>`, "text/html").body);

/** Gives a step that MathLive told in the words of this page. */
function step(told) {
  return told
    .replace(/(out of|start of|end of) ([a-z -]+?)(?=[;:]|\s*$)/g, (_, what, place) => `${STEPS[what][speech]} ${(PLACES[place] ?? PART)[speech]}`)
    .replace(/^(selected|deleted):/, (_, what) => `${DONE[what][speech]}:`)
    .replace(/[;:](\s*[;:])+/g, ";")
    .replace(/^[\s;:]+|[\s;:]+$/g, "")
    .replace(/;(?=\S)/g, "; ");
}

/** Lets what happens in this field be heard in `heard`, a live region of the page, and no more in MathLive's own. */
export function listen({ field, heard, MathfieldElement }) {
  const own = field.shadowRoot.querySelector("[role=status]");
  let latest = null;
  let again = "";
  const say = (words) => {
    again = again ? "" : "\u00a0"; // the same words twice are said twice
    heard.textContent = words && words + again;
  };
  MathfieldElement.textToSpeechRules = "sre"; // its way to let another speak a formula
  globalThis.sre = { System: { getInstance: () => ({ setupEngine() {}, toSpeech: aloud }) } };
  own.setAttribute("aria-live", "off");
  own.setAttribute("aria-hidden", "true");
  new MutationObserver(() => say(step(own.textContent))).observe(own, { childList: true, characterData: true, subtree: true });
  field.addEventListener("input", () => {
    clearTimeout(latest);
    latest = setTimeout(() => say(aloud(field.getValue("math-ml"))), QUIET);
  });
}
