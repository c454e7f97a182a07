// Writes LaTeX in the way that everyone reads.

/** @type {Record<string, string>} what MathLive has a command of its own for */
const STANDARD_LATEX = {
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

/** @type {Record<string, number>} */
const ARGUMENT_COUNT = {
  "\\frac": 2,
  "\\dfrac": 2,
  "\\tfrac": 2,
  "\\binom": 2,
  "\\sqrt": 1,
  "^": 1,
  _: 1,
};

/**
 * Return a formula in standard LaTeX, with braces around every argument.
 *
 * @param {string} latex
 */
export function normalizeLatex(latex) {
  return new LatexReader(latex).readGroup(null).trim();
}

/** Takes a formula apart from left to right, and writes it again. */
class LatexReader {
  /** @param {string} latex */
  constructor(latex) {
    /** @type {string[]} */
    this.tokens = latex.match(/\\[a-zA-Z]+|\\[^]|\s+|[^]/gu) ?? [];
  }

  /**
   * Write everything up to the token `end`, and pass that too.
   *
   * @param {string | null} end null for the end of the formula
   */
  readGroup(end) {
    let text = "";
    while (this.tokens.length && this.tokens[0] !== end) text += this.readToken();
    this.tokens.shift();
    return text;
  }

  /**
   * Write one token with its arguments.
   *
   * @returns {string}
   */
  readToken() {
    const token = this.tokens.shift() ?? "";
    if (token === "{") return `{${this.readGroup("}")}}`;
    let text = STANDARD_LATEX[token] ?? token;
    if (token === "\\sqrt" && this.tokens[0] === "[") {
      this.tokens.shift();
      text += `[${this.readGroup("]")}]`;
    }
    text += this.readArguments(ARGUMENT_COUNT[token] ?? 0);
    const needsSpace = /\\[a-zA-Z]+$/.test(text) && /^[a-zA-Z]/.test(this.nextText());
    return needsSpace ? `${text} ` : text;
  }

  /** @param {number} count */
  readArguments(count) {
    let text = "";
    for (let wanted = count; wanted && this.tokens.length; wanted -= 1) {
      while (this.tokens[0]?.trim() === "") this.tokens.shift();
      const argument = this.readToken();
      text += argument.startsWith("{") ? argument : `{${argument}}`;
    }
    return text;
  }

  /** Return what the next token is written as: a letter would join the name of a command. */
  nextText() {
    const [token = ""] = this.tokens;
    return STANDARD_LATEX[token] ?? token;
  }
}
