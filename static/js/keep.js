// Keeps what is typed: at the server a moment after a pause, and until the server has it, on this device.
// The page works without it: "Keep" does the same.

import { ASKED, PATIENCE, deliver, drawer, patience } from "./device.js";

const PAUSE = 1500; // milliseconds of quiet before a save
const LONGEST = 8000; // milliseconds of typing without a pause before a save all the same
const AGAIN = 5000; // milliseconds before another try when the server could not be reached
const WARN = 120; // seconds before the session ends

const form = document.querySelector("form[data-editor]");
const { dataset, elements } = form;
const kept = document.getElementById("kept");
const page = elements.save_key.value;
const device = await drawer(dataset.device, page);

let number = 0; // of the last save that was sent
let since = 0; // when the oldest change that is not kept yet was typed; by a clock that nobody can set
let timer = null;
let busy = null;
let failing = false;
const changed = new Set(); // sections with words that no save has taken along yet
const underway = new Set(); // sections in a save that is not answered yet

const section = (name) => name.slice(0, name.includes("--caption.") ? name.indexOf("--caption.") : name.lastIndexOf("--"));
const now = () => performance.now();
const nothingWaits = () => changed.size === 0 && underway.size === 0;

function packed(sections, of) {
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string") continue;
    if (name === "version" || (name.includes("--") && sections.has(section(name)))) fields.push([name, value]);
  }
  for (const one of sections) if (!fields.some(([name]) => section(name) === one)) fields.push([`${one}--`, ""]);
  fields.push(["save_key", `${page}.${of}`]);
  return fields;
}

// The device: one write at a time, and always the newest words.
let putting = null;
let stale = false;
function remember() {
  stale = true;
  putting ??= (async () => {
    let safe = true;
    while (stale) {
      stale = false;
      const waiting = new Set([...changed, ...underway]);
      if (waiting.size) {
        safe = await device.put({ address: form.action, order: Date.now(), fields: packed(waiting, number + 1) });
      }
    }
    putting = null;
    return safe;
  })();
  return putting;
}

function plan(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(pause, since + LONGEST - now())));
}

/** Saves what has changed; gives whether the server has everything now. */
export async function save() {
  if (busy) await busy;
  if (changed.size === 0) return true;
  busy = attempt().catch(() => failed(null).then(() => false)); // whatever goes wrong, the next try comes
  const all = await busy;
  busy = null;
  if (!all) later();
  else if (changed.size) plan(PAUSE);
  return all && changed.size === 0;
}

function later() {
  clearTimeout(timer);
  if (changed.size) timer = setTimeout(save, AGAIN);
}

async function attempt() {
  for (const one of changed) underway.add(one);
  changed.clear();
  number += 1;
  if (!failing) kept.textContent = dataset.busy;
  let answer = await sent(new Set(underway));
  if (answer && (answer.status === 400 || answer.status === 401)) {
    const whose = await mine();
    if (whose === null) await failed(null);
    if (!whose) return false;
    number += 1;
    answer = await sent(new Set(underway));
  }
  const told = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!told) {
    await failed(answer);
    return false;
  }
  underway.clear();
  failing = false;
  kept.textContent = told.sentence;
  form.dispatchEvent(new Event("kept"));
  const left = [...told.too_long, ...(told.left_out ?? [])];
  if (nothingWaits() && !left.length) device.forget();
  else remember();
  told.aside.forEach(beside);
  form.querySelectorAll(".too-long").forEach((one) => one.remove());
  told.too_long.forEach(tooLong);
  return left.length === 0;
}

function sent(sections) {
  const body = new URLSearchParams(packed(sections, number));
  body.set("csrf_token", elements.csrf_token.value);
  return fetch(form.action, { method: "POST", headers: ASKED, body, signal: patience() }).catch(() => null);
}

async function failed(answer) {
  for (const one of underway) changed.add(one);
  underway.clear();
  failing = true;
  const safe = await remember();
  const refused = answer && answer.status >= 400 && answer.status < 500 ? await answer.json().catch(() => null) : null;
  kept.textContent = refused?.sentence ?? (safe ? dataset.failed : dataset.failedHere);
  form.toggleAttribute("data-unsafe", !safe);
}

// Two texts: the page goes on, and shows them side by side when the writer is ready for it.
function beside(key) {
  const home = document.getElementById(key);
  if (!home || home.querySelector(".beside-now")) return;
  home.prepend(document.getElementById("beside").content.cloneNode(true));
  home.querySelector(".beside-now button").addEventListener("click", async () => {
    await save();
    location.reload();
  });
}

function tooLong(key) {
  for (const field of form.querySelectorAll(`[name^="${CSS.escape(key)}--"]`)) {
    if (field.value.length <= 20000) continue;
    const said = document.getElementById("too-long").content.firstElementChild.cloneNode(true);
    said.classList.add("too-long");
    field.before(said);
  }
}

// The session: a warning before it ends, and a way to stay; by durations, so that no clock has to be right.
const warning = document.getElementById("session");
let watch = null;

async function session(method = "GET") {
  const headers = { ...ASKED, "X-CSRFToken": elements.csrf_token.value };
  const answer = await fetch(dataset.session, { method, headers, signal: patience() }).catch(() => null);
  if (!answer) return null;
  if (answer.status === 401) return { gone: true };
  return answer.ok ? answer.json().catch(() => null) : null;
}

/** Asks whether the session is still the writer's; leaves the page when it is not. Gives null when nobody answers. */
export async function mine() {
  const told = await session();
  if (told === null) {
    clearTimeout(watch);
    watch = setTimeout(mine, PATIENCE);
    return null;
  }
  if (told.gone || told.device !== dataset.device) {
    await leave();
    return false;
  }
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = told.token;
  arm(told);
  return true;
}

function arm({ seconds, last }) {
  clearTimeout(watch);
  const soon = seconds <= WARN + 5;
  if (soon) {
    const words = warning.querySelector("p");
    words.textContent = last ? words.dataset.last : words.dataset.canStay;
    document.getElementById("stay").hidden = last;
  }
  warning.hidden = !soon;
  watch = setTimeout(mine, Math.max(1, soon ? seconds + 1 : seconds - WARN) * 1000);
}

document.getElementById("stay").addEventListener("click", async () => {
  await mine(); // the token may be newer than this page
  const told = await session("POST");
  if (told && !told.gone) arm(told);
});

/** Puts the text away and the page aside: whoever sits here now may be somebody else. */
async function leave() {
  for (const one of underway) changed.add(one);
  underway.clear();
  if (!nothingWaits() && !(await remember())) {
    failing = true;
    kept.textContent = dataset.ended;
    form.setAttribute("data-unsafe", "");
    watch = setTimeout(mine, AGAIN);
    return;
  }
  form.removeAttribute("data-unsafe");
  changed.clear();
  form.dispatchEvent(new Event("leaving"));
  location.replace(`${dataset.enter}?verder=${encodeURIComponent(location.pathname + location.search)}`);
}

// What the writer does.
function noted({ target }) {
  if (!target.name?.includes("--") || target.type === "file") return;
  if (changed.size === 0) since = now();
  changed.add(section(target.name));
  remember();
  if (!failing) plan(PAUSE);
}
form.addEventListener("input", noted);
form.addEventListener("change", noted);

// What was typed while this script was still on its way over a slow line counts too.
const touched = (one) => (one.matches("[type=radio], [type=checkbox]") ? one.checked !== one.defaultChecked : one.value !== one.defaultValue);
for (const one of form.querySelectorAll("textarea, input")) if (touched(one)) noted({ target: one });

form.addEventListener("submit", async (event) => {
  elements.save_key.value = `${page}.${number + 1}`;
  // A student who only keeps stays at this place; at the desk the server has a look whether passages are there.
  const only = !form.matches(".answering") && event.submitter?.value.startsWith("keep");
  if (nothingWaits() && navigator.onLine && !(only && kept.textContent)) return; // everything is kept: go
  event.preventDefault();
  if (nothingWaits()) return navigator.onLine || (kept.textContent = dataset.stay);
  clearTimeout(timer);
  if (!(await save())) form.querySelector(".too-long")?.nextElementSibling.focus(); // there is something to do first
  else if (!only) form.requestSubmit(event.submitter);
});

document.addEventListener("click", async (event) => {
  const away = event.target.closest("a[href]");
  if (nothingWaits() || !away || away.getAttribute("href").startsWith("#") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  await Promise.race([save(), new Promise((done) => setTimeout(done, 3000))]);
  location.assign(away.href);
});
for (const other of document.querySelectorAll("form:not([data-editor])")) {
  other.addEventListener("submit", async (event) => {
    if (nothingWaits() || other.dataset.sure) return;
    event.preventDefault();
    await Promise.race([save(), new Promise((done) => setTimeout(done, 3000))]);
    other.dataset.sure = "yes";
    other.requestSubmit(event.submitter);
  });
}

addEventListener("online", () => (kept.textContent === dataset.stay ? (kept.textContent = "") : save()));
addEventListener("beforeunload", (event) => {
  if (form.hasAttribute("data-unsafe") && !nothingWaits()) event.preventDefault();
});
addEventListener("pagehide", () => {
  if (nothingWaits()) return;
  const body = new URLSearchParams(packed(new Set([...changed, ...underway]), number + 1));
  body.set("csrf_token", elements.csrf_token.value);
  fetch(form.action, { method: "POST", headers: ASKED, body, keepalive: true }).catch(() => {});
});
addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? save() : mine()));
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) mine(); // brought back by the way back: it may be another day
});

/** Says whether this page does not show what arrived: its last save may have overtaken the page itself. */
function isNews({ packet, told }) {
  const shown = ([name, value]) => elements[name]?.tagName !== "TEXTAREA" || elements[name].value === value.replaceAll("\r\n", "\n");
  return Object.values(told.outcomes).some((one) => one !== "same") || !packet.fields.every(shown);
}

// What an earlier page left on this device goes first; then the page shows it.
async function catchUp() {
  const arrived = await deliver(dataset.device, elements.csrf_token.value);
  const here = arrived.filter(({ packet }) => packet.address === form.action);
  if (!here.some(isNews)) return;
  for (const { packet, told } of here) {
    for (const [name, value] of packet.fields) {
      if (told.too_long.includes(section(name)) && elements[name]) {
        elements[name].value = value;
        elements[name].dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  }
  if (here.some(({ told }) => told.too_long.length)) return;
  kept.textContent = dataset.found;
  if (!nothingWaits()) return;
  history.replaceState("found", ""); // the page that comes now says it too: this one is gone before anybody has read it
  location.reload();
}
if (history.state === "found") kept.textContent = dataset.found;
history.replaceState(null, "");
arm({ seconds: Number(dataset.seconds), last: false });
await catchUp();
