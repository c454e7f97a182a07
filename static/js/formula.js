// Asks for a formula: opens the formula page in a dialog and gives back LaTeX, or null for "never mind".
// Rejects when something else than the formula page comes (no network, a session that ended). Finds the one that is there.

const SHEET = new URL("../css/formula.css", import.meta.url).href;

function dress() {
  if ([...document.styleSheets].some(({ href }) => href === SHEET)) return;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: SHEET });
  const loaded = new Promise((go) => (link.onload = link.onerror = go));
  document.head.append(link);
  return loaded;
}

export async function ask({ address, latex = "", title }) {
  const before = document.activeElement;
  await dress();

  const frame = Object.assign(document.createElement("iframe"), { src: address, title });
  const dialog = Object.assign(document.createElement("dialog"), { className: "formula-dialog" });
  dialog.setAttribute("aria-label", title);
  dialog.append(frame);
  document.body.append(dialog);

  const listening = new AbortController();
  const { signal } = listening;
  let height = null;

  try {
    return await new Promise((answer, fail) => {
      const heard = {
        ready() {
          const page = frame.contentDocument.body;
          height = new ResizeObserver(() => (frame.style.height = `${page.scrollHeight}px`));
          height.observe(page);
          frame.contentWindow.postMessage({ reflect: "formula", kind: "start", latex }, location.origin);
          frame.focus();
        },
        insert: (data) => answer(data.latex),
        cancel: () => answer(null),
      };
      const hear = ({ origin, source, data }) => {
        if (origin !== location.origin || source !== frame.contentWindow || data?.reflect !== "formula") return;
        if (Object.hasOwn(heard, data.kind)) heard[data.kind](data);
      };
      addEventListener("message", hear, { signal });
      dialog.addEventListener("close", () => answer(null), { signal });
      const arrived = () => frame.contentDocument?.querySelector("math-field") || fail(new Error("Not the formula page"));
      frame.addEventListener("load", arrived, { signal });
      dialog.showModal();
    });
  } finally {
    height?.disconnect();
    listening.abort();
    dialog.close();
    dialog.remove();
    before?.focus();
  }
}

// What the server takes for a formula (reflect/words.py), and before it what it passes over: what is escaped, code, an amount.
const FORMULA =
  /\\+[^]|(`{1,9})(?!`)[^\n]{1,500}?\1|[\p{L}\p{N}_]\$(?!\$)|\$\$(?<block>(?:\\[^]|\n(?!\s*\n)|[^$\\\n])+)\$\$|\$\$+|\$(?![\s$])(?<inline>(?:\\[^\n]|[^$\\\n])*(?:\\\S|[^$\\\s]))\$(?![\d$])/gu;
const FUNCTIONS = /^(cos|ln|log|max|min|mod|sin|tan)$/i;
const isProse = (latex) =>
  !/[\\^_={}+<>]/.test(latex) &&
  latex.trim().split(/\s+/).slice(0, -1).some((word) => /^\p{L}{2,}$/u.test(word) && !FUNCTIONS.test(word));

/** Gives the formula that the caret is in, or that the selection touches. */
export function formulaAt({ value, selectionStart, selectionEnd }) {
  for (const { 0: { length }, index: from, groups: { block, inline } } of value.matchAll(FORMULA)) {
    const [latex, to] = [(block ?? inline ?? "").trim(), from + length];
    if (latex && from < selectionEnd && selectionStart < to && !isProse(latex)) return { from, to, latex, sign: block ? "$$" : "$" };
  }
}
