// What the line beside the buttons says about saving. Failure and repair are read out too, and not
// each success: a screen reader would say it some fourteen times a minute.

import { find } from "./dom.js";

const READ_AGAIN_DELAY = 100; // milliseconds after which the same words count as news

const line = find("#save-status");
const news = find("#save-news");
let isTroubled = false; // the last that was read out is a failure

export const statusText = () => line.textContent ?? "";

/** @param {string} [text] */
export function showQuietly(text = "") {
  line.textContent = text;
}

/** @param {string} [text] */
export function showNews(text = "") {
  showQuietly(text);
  // A failure that goes on is no news; neither is each new try.
  if (news.textContent !== text) news.textContent = text;
}

/** @param {string} [text] what fails */
export function showTrouble(text = "") {
  showNews(text);
  isTroubled = true;
}

/** @param {string} [text] that everything is kept */
export function showKept(text = "") {
  if (isTroubled) showNews(text);
  else showQuietly(text);
  isTroubled = false;
}

/** Read out what the line says, to somebody who asked for it. */
export function readStatusOut() {
  news.textContent = "";
  setTimeout(() => (news.textContent = line.textContent), READ_AGAIN_DELAY);
}
