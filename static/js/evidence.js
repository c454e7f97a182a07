// Sends photos, sounds and PDFs with their section; after a dropped connection again, under the same name.

import { mine } from "./keep.js";

const PAUSE = 4000; // milliseconds before another try; each next one takes twice as long to come
const LONGEST = 30000; // milliseconds between two tries
const SILENCE = 30000; // milliseconds in which nothing of a file gets through before its connection counts as dropped
const PATIENCE = 180000; // milliseconds for the server to make it anew: a whole class may send its photos at once

let underway = 0; // files that are not with their section yet
let line = Promise.resolve(); // one file after the other, whoever asks

/** Sends these files one after the other and puts each, as the server made it, into its section. */
export function sendAll(files, { home, form }) {
  hold(form);
  underway += files.length;
  files.forEach((file, place) => {
    line = line.then(() => send(file, { home, form, first: place === 0 })).finally(() => (underway -= 1));
  });
  return line;
}

async function send(file, { home, form, first }) {
  const status = home.querySelector(".sending");
  const { sending, again, sent, refused } = form.dataset;
  const bar = Object.assign(document.createElement("progress"), { max: 1 });
  bar.setAttribute("aria-label", sending);
  const busy = () => status.replaceChildren(`${sending} `, bar);
  const moved = watched(form);
  const upload = name();
  let renewed = false;
  for (let pause = PAUSE; ; pause = Math.min(2 * pause, LONGEST)) {
    busy();
    const { answer, told } = await attempt(file, { upload, home, form, bar });
    if (told?.html) {
      status.textContent = sent;
      return place(told.html, { home, lead: first && !moved() });
    }
    if (!renewed && (answer === 400 || answer === 401)) {
      renewed = await mine();
      if (renewed) continue; // the page stood open long, and has a new token now
    } else if (answer >= 400 && answer < 500) {
      const words = [told?.sentence, told?.remedy].filter(Boolean).join(" ") || refused;
      return status.replaceChildren(Object.assign(document.createElement("span"), { className: "error", textContent: `${file.name}: ${words}` }));
    }
    status.replaceChildren(again);
    await new Promise((done) => {
      setTimeout(done, pause);
      addEventListener("online", done, { once: true });
    });
  }
}

function attempt(file, { upload, home, form, bar }) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("upload", upload);
  body.set("section", home.dataset.section);
  body.set("file", file);
  const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
  let bell = null;
  const wait = (time) => {
    clearTimeout(bell);
    bell = setTimeout(() => request.abort(), time);
  };
  return new Promise((done) => {
    request.open("POST", form.dataset.evidence);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => {
      bar.value = loaded / total;
      wait(SILENCE);
    };
    request.upload.onload = () => {
      bar.removeAttribute("value"); // everything is there; how long the rest takes nobody knows
      wait(PATIENCE);
    };
    request.onload = () => done({ answer: request.status, told: request.response });
    request.onerror = request.onabort = () => done({ answer: 0, told: null });
    request.send(body);
    wait(SILENCE);
  }).finally(() => clearTimeout(bell));
}

function name() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Gives a question: did the writer type or go elsewhere since? */
function watched(form) {
  const began = document.activeElement;
  let typed = false;
  form.addEventListener("input", ({ isTrusted }) => (typed ||= isTrusted));
  return () => typed || document.activeElement !== began;
}

function place(html, { home, lead }) {
  const piece = new DOMParser().parseFromString(html, "text/html").querySelector("figure");
  home.querySelector(".add").before(piece);
  const caption = piece.querySelector("input[type=text]");
  caption.dispatchEvent(new Event("input", { bubbles: true })); // it belongs to the text now: keep it
  if (lead) caption.focus(); // who goes on writing meanwhile keeps the caret
  caption.addEventListener("change", () => {
    const picture = piece.querySelector("img");
    if (picture) picture.alt = caption.value;
  });
}

// Who goes on with the page takes along what is still under way; who leaves it is asked first.
let holding = false;
function hold(form) {
  if (holding) return;
  holding = true;
  const onward = async (event) => {
    if (event.target !== form || !underway) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const status = document.querySelector(".sending:has(progress)") ?? document.querySelector(".sending:not(:empty)");
    status?.append(` ${form.dataset.onward}`);
    status?.scrollIntoView({ block: "center" });
    while (underway) await line;
    form.requestSubmit(event.submitter);
  };
  const stay = (event) => underway && event.preventDefault();
  document.addEventListener("submit", onward, { capture: true });
  addEventListener("beforeunload", stay);
  form.addEventListener("leaving", () => removeEventListener("beforeunload", stay));
}
