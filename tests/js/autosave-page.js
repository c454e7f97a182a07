// One writing page in a worker: the real scripts, with a small page, network, clock and storage.
// It does random things, and posts what was lost, if anything.

import { webcrypto } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";

const { seed, steps, scenario } = workerData;
const MAX_LENGTH = 50;
const NO_PLACE = "geen plek"; // how a text begins that the server has no place for
const SECTIONS = ["one", "two", "three"];
const DATASET = {
  device: "00112233445566778899aabbccddeeff".repeat(2),
  seconds: "360000",
  session: "/session",
  enter: "/enter",
  busy: "busy",
  failed: "WAITS HERE",
  failedHere: "NOT SAFE",
  waits: "SERVER WAITS",
  waitsHere: "NOT SAFE, SERVER WAITS",
  stay: "stay",
  ended: "NOT SAFE",
  found: "found",
};

let state = seed + 1;
function random(limit) {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor((state / 2147483648) * limit);
}
const choose = (items) => items[random(items.length)];

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

// --- The clock: timers run when `advance` comes to them.
let now = 0;
const timers = new Map();
let lastTimer = 0;
define("setTimeout", (callback, delay = 0) => {
  timers.set(++lastTimer, { at: now + delay, callback });
  return lastTimer;
});
define("clearTimeout", (id) => timers.delete(id));
define("performance", { now: () => now });

let busy = 0; // operations that a real page would wait for
const tick = () => new Promise((resolve) => setImmediate(resolve));
async function settle() {
  for (let quiet = 0; quiet < 4; quiet = busy ? 0 : quiet + 1) await tick();
}
async function advance(milliseconds) {
  const until = now + milliseconds;
  for (;;) {
    const due = [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at);
    if (!due.length) break;
    const [id, { at, callback }] = due[0];
    timers.delete(id);
    now = Math.max(now, at);
    callback();
    await settle();
  }
  now = until;
}
const counted =
  (method) =>
  async (...args) => {
    busy += 1;
    try {
      return await method(...args);
    } finally {
      busy -= 1;
    }
  };
define("crypto", {
  getRandomValues: (bytes) => webcrypto.getRandomValues(bytes),
  subtle: {
    importKey: counted((...args) => webcrypto.subtle.importKey(...args)),
    encrypt: counted((...args) => webcrypto.subtle.encrypt(...args)),
    decrypt: counted((...args) => webcrypto.subtle.decrypt(...args)),
  },
});

// --- The storage, which may be full, or forget without a word.
let storageMode = "works";
class Storage {
  getItem(name) {
    return this[name] ?? null;
  }
  setItem(name, value) {
    if (storageMode === "full") throw new Error("full");
    if (storageMode !== "forgets") this[name] = value;
  }
  removeItem(name) {
    delete this[name];
  }
}
define("localStorage", new Storage());

// --- The server, and the way to it.
let network = "online";
let isReliable = false;
const onServer = {};
const answers = {
  offline: () => Promise.reject(new TypeError("no network")),
  error: async () => new Response("<html>", { status: 500 }),
  unavailable: async () => Response.json({ sentence: "unavailable" }, { status: 503 }),
  large: async () => Response.json({ sentence: "too large" }, { status: 413 }),
  many: async () => Response.json({ sentence: "too many" }, { status: 429 }),
  nonsense: async () => new Response("a page of the school's network"),
};
function serverSaves(body) {
  const reply = { outcomes: {}, aside: [], too_long: [], left_out: [], sentence: "SAVED" };
  for (const [name, value] of new URLSearchParams(body)) {
    if (!name.includes("--")) continue;
    const section = name.split("--")[0];
    if (value.length > MAX_LENGTH) reply.too_long.push(section);
    else if (value.startsWith(NO_PLACE)) reply.left_out.push(section);
    else onServer[section] = value;
  }
  if (reply.left_out.length) reply.sentence = "LEFT OUT";
  if (reply.too_long.length) reply.sentence = "TOO LONG";
  return Response.json(reply);
}
define("fetch", async (address, options) => {
  await tick();
  if (network !== "online") return answers[network]();
  const session = { device: DATASET.device, token: "t", seconds: 9999 };
  if (address !== "/save") return Response.json(session);
  const response = serverSaves(String(options.body));
  // The answer may get lost on its way back.
  if (!isReliable && random(10) === 0) throw new TypeError("lost");
  return response;
});

// --- The page.
class Field extends EventTarget {
  constructor(name, value = "") {
    super();
    Object.assign(this, { name, value, defaultValue: value, type: "textarea", dataset: {} });
  }
  matches() {
    return false;
  }
  before() {}
  getAttribute() {
    return null;
  }
  setAttribute() {}
  removeAttribute() {}
  focus() {}
}
const hidden = {
  csrf_token: new Field("csrf_token", "t"),
  save_key: new Field("save_key", "page"),
};
const fields = SECTIONS.map((section) => new Field(`${section}--text`));
class Form extends EventTarget {
  attributes = new Set();
  dataset = DATASET;
  action = "/save";
  elements = { namedItem: (name) => hidden[name] ?? null };
  querySelectorAll = (selector) => {
    const key = /^\[name\^="(\w+)--"\]$/.exec(selector)?.[1];
    if (key) return fields.filter(({ name }) => name.startsWith(`${key}--`));
    return selector === "textarea, input" ? fields : [];
  };
  querySelector = () => null;
  matches = () => false;
  hasAttribute = (name) => this.attributes.has(name);
  setAttribute = (name) => this.attributes.add(name);
  removeAttribute = (name) => this.attributes.delete(name);
  toggleAttribute = (name, isOn) => this.attributes[isOn ? "add" : "delete"](name);
}
const form = new Form();
const status = { textContent: "" };
const readOut = []; // what a screen reader says of saving
const news = {
  get textContent() {
    return readOut.at(-1) ?? "";
  },
  set textContent(text) {
    if (text) readOut.push(text);
  },
};
const element = () => ({
  dataset: { maxLength: String(MAX_LENGTH) },
  hidden: true,
  addEventListener() {},
  classList: { add() {} },
  querySelector: element,
  cloneNode: element,
  get content() {
    return { firstElementChild: element() };
  },
});
const found = { "form[data-editor]": form, "#save-status": status, "#save-news": news };
define("document", {
  querySelector: (selector) => found[selector] ?? element(),
  querySelectorAll: () => [],
  getElementById: () => null,
  addEventListener() {},
  visibilityState: "visible",
});
define(
  "FormData",
  class {
    *[Symbol.iterator]() {
      for (const field of fields) yield [field.name, field.value];
    }
  },
);
define("HTMLTextAreaElement", Field);
define("CSS", { escape: (text) => text });
define("history", { state: null, replaceState() {} });
define("location", { pathname: "/", search: "", reload() {}, replace() {}, assign() {} });
define("navigator", { onLine: true });
const pageEvents = new EventTarget();
define("addEventListener", (...args) => pageEvents.addEventListener(...args));

await import("../../static/js/autosave.js");
await settle();

// --- What somebody does.
const typed = () => choose(["ja ", "nee ", "misschien ", "ook dit "]) + random(1000);
function input(field, value) {
  field.value = value;
  const event = new Event("input");
  Object.defineProperty(event, "target", { value: field });
  form.dispatchEvent(event);
}
const actions = {
  type: () => {
    const field = choose(fields);
    input(field, `${field.value.slice(0, 30)} ${typed()}`);
  },
  misplace: () => input(choose(fields), `${NO_PLACE} ${typed()}`),
  paste: () => input(choose(fields), "te lang ".repeat(10) + typed()),
  shorten: () => input(choose(fields), typed()),
  wait: () => advance(choose([100, 1600, 5100, 9000])),
  network: () => {
    network = choose(["online", "online", ...Object.keys(answers)]);
    if (network === "online") pageEvents.dispatchEvent(new Event("online"));
  },
  storage: () => (storageMode = choose(["works", "works", "full", "forgets"])),
  hide: () => {
    globalThis.document.visibilityState = choose(["hidden", "visible"]);
    pageEvents.dispatchEvent(new Event("visibilitychange"));
  },
};

const { decrypt, importKey } = await import("../../static/js/encryption.js");
const key = await importKey(DATASET.device);
async function inStore() {
  const saved = await decrypt(key, localStorage.getItem("reflect:page"));
  return Object.fromEntries(saved?.fields ?? []);
}

/** Return what is nowhere but in its field, while the page does not say that it is not safe. */
async function lost() {
  const stored = await inStore();
  const gone = fields.filter(
    ({ name, value }) => value !== stored[name] && value !== (onServer[name.split("--")[0]] ?? ""),
  );
  const leaving = new Event("beforeunload", { cancelable: true });
  pageEvents.dispatchEvent(leaving);
  const isWarned = leaving.defaultPrevented && form.hasAttribute("data-unsafe");
  const isSaid = isWarned && ![DATASET.failed, DATASET.waits].includes(status.textContent);
  if (!gone.length || isSaid) return null;
  return gone.map(({ name, value }) => `${name}: ${value}`).join("; ");
}

let report = null;
const done = [];
for (let step = 0; step < (scenario?.length ?? steps) && !report; step += 1) {
  const name = scenario ? scenario[step] : choose(Object.keys(actions));
  done.push(name);
  if (name === "offline") network = "offline";
  else if (name === "online") network = "online";
  else if (name === "reliable") isReliable = true;
  else if (name === "refused for now") network = "many";
  else if (name === "wait long") await advance(9000);
  else if (name === "storage full") storageMode = "full";
  else if (name === "misplace one") input(fields[0], `${NO_PLACE} ${typed()}`);
  else if (name === "type one") input(fields[0], `${fields[0].value.slice(0, 20)} ${typed()}`);
  else if (name === "paste one") input(fields[0], "te lang ".repeat(10));
  else if (name === "shorten one") input(fields[0], "kort");
  else await actions[name]();
  await settle();
  const what = await lost();
  if (what) report = `after ${done.join(", ")} (${network}, ${storageMode}): ${what}`;
}
parentPort.postMessage({ report, status: status.textContent, readOut, stored: await inStore() });
