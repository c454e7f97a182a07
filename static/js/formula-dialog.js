// Asks for a formula: opens the formula page in a dialog.

import { formulaAt } from "./formula-text.js";

export { formulaAt };

const STYLESHEET = new URL("../css/formula.css", import.meta.url).href;

/** Load the dialog's style, unless it is there. */
async function loadStylesheet() {
  if ([...document.styleSheets].some(({ href }) => href === STYLESHEET)) return;
  const link = Object.assign(document.createElement("link"), {
    rel: "stylesheet",
    href: STYLESHEET,
  });
  const loaded = new Promise((resolve) => (link.onload = link.onerror = resolve));
  document.head.append(link);
  await loaded;
}

/**
 * Ask for a formula.
 *
 * Rejects when something else than the formula page comes: without a network, or when the session
 * has ended.
 *
 * @param {{address: string, latex: string, title: string}} request of the formula page
 * @returns {Promise<string | null>} LaTeX, or null when the dialog was cancelled
 */
export async function askFormula({ address, latex, title }) {
  const focused = document.activeElement;
  await loadStylesheet();
  const { dialog, frame } = openDialog(address, title);
  const listeners = new AbortController();
  try {
    return await answerOf({ dialog, frame, latex, signal: listeners.signal });
  } finally {
    listeners.abort();
    dialog.close();
    dialog.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}

/**
 * @param {string} address
 * @param {string} title
 */
function openDialog(address, title) {
  const frame = Object.assign(document.createElement("iframe"), { src: address, title });
  const dialog = Object.assign(document.createElement("dialog"), { className: "formula-dialog" });
  dialog.setAttribute("aria-label", title);
  dialog.append(frame);
  document.body.append(dialog);
  return { dialog, frame };
}

/**
 * @param {object} conversation
 * @param {HTMLDialogElement} conversation.dialog
 * @param {HTMLIFrameElement} conversation.frame
 * @param {string} conversation.latex to begin with
 * @param {AbortSignal} conversation.signal ends the listening
 * @returns {Promise<string | null>}
 */
function answerOf({ dialog, frame, latex, signal }) {
  return new Promise((resolve, reject) => {
    /** @type {Record<string, (data: {latex: string}) => void>} */
    const handlers = {
      ready: () => startFormula(frame, latex, signal),
      insert: (data) => resolve(data.latex),
      cancel: () => resolve(null),
    };
    /** @param {MessageEvent} event */
    const onMessage = ({ origin, source, data }) => {
      const isFromFrame = origin === location.origin && source === frame.contentWindow;
      if (!isFromFrame || data?.reflect !== "formula") return;
      if (Object.hasOwn(handlers, data.kind)) handlers[data.kind](data);
    };
    const onLoad = () => {
      const isFormulaPage = frame.contentDocument?.querySelector("math-field");
      if (!isFormulaPage) reject(new Error("Not the formula page"));
    };
    addEventListener("message", onMessage, { signal });
    dialog.addEventListener("close", () => resolve(null), { signal });
    frame.addEventListener("load", onLoad, { signal });
    dialog.showModal();
  });
}

/**
 * Give the frame the height of its page, and the page its formula.
 *
 * @param {HTMLIFrameElement} frame
 * @param {string} latex
 * @param {AbortSignal} signal
 */
function startFormula(frame, latex, signal) {
  const page = frame.contentDocument?.body;
  if (!page) return;
  const heightObserver = new ResizeObserver(() => {
    frame.style.height = `${page.scrollHeight}px`;
  });
  heightObserver.observe(page);
  signal.addEventListener("abort", () => heightObserver.disconnect());
  const message = { reflect: "formula", kind: "start", latex };
  frame.contentWindow?.postMessage(message, location.origin);
  frame.focus();
}
