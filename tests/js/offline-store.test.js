// The store on a device, with a browser's storage, locks and network in a few lines.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { decrypt, encrypt, importKey } from "../../static/js/encryption.js";
import { openDraftStore, openPageStore, sendPending } from "../../static/js/offline-store.js";

const KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const OTHER_KEY = "ff".repeat(32);
const SAVED = { outcomes: { one: "saved" }, aside: [], too_long: [], sentence: "Saved" };

/** Keeps items as its own properties, as a browser does. */
class FakeStorage {
  getItem(name) {
    return this[name] ?? null;
  }
  setItem(name, value) {
    if (this.constructor.isFull) throw new Error("full");
    this[name] = value;
  }
  removeItem(name) {
    delete this[name];
  }
}

const openPages = new Set();
const FAKE_LOCKS = {
  async request(name, options, callback) {
    if (typeof options === "function") openPages.add(name);
    else if (openPages.has(name)) throw new Error("aborted");
    else return callback();
    return undefined;
  },
};

// The time-out of a request must not keep the tests waiting.
const startTimer = globalThis.setTimeout;
define("setTimeout", (callback, delay) => startTimer(callback, delay).unref());

let posted = [];
let answer = SAVED;

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

beforeEach(() => {
  FakeStorage.isFull = false;
  openPages.clear();
  posted = [];
  answer = SAVED;
  define("localStorage", new FakeStorage());
  define("navigator", { locks: FAKE_LOCKS });
  define("fetch", async (address, { body }) => {
    posted.push([address, body.get("one--text")]);
    if (answer === null) throw new TypeError("no network");
    return Response.json(answer);
  });
});

const packet = (text, order = 1) => ({ address: "/save", order, fields: [["one--text", text]] });

/** Put a packet there as a page that is closed now. */
async function leave(page, text, { hex = KEY, order = 1 } = {}) {
  const key = await importKey(hex);
  localStorage.setItem(`reflect:${page}`, await encrypt(key, packet(text, order)));
}

test("only the key that encrypted a text reads it", async () => {
  const text = await encrypt(await importKey(KEY), { a: "één" });
  assert.ok(!text.includes("één"));
  assert.deepEqual(await decrypt(await importKey(KEY), text), { a: "één" });
  assert.equal(await decrypt(await importKey(OTHER_KEY), text), null);
  assert.equal(await decrypt(await importKey(KEY), null), null);
});

test("there is no key without one on the page", async () => {
  assert.equal(await importKey(undefined), null);
  const store = await openPageStore(undefined, "a");
  assert.equal(await store.put(packet("x")), false);
});

test("a page keeps its newest text, and says when it cannot", async () => {
  const store = await openPageStore(KEY, "a");
  assert.equal(await store.put(packet("one")), true);
  assert.equal(await store.put(packet("two")), true);
  assert.deepEqual(Object.keys(localStorage), ["reflect:a"]);
  FakeStorage.isFull = true;
  assert.equal(await store.put(packet("three")), false);
  store.forget();
  assert.deepEqual(Object.keys(localStorage), []);
});

test("what closed pages left is sent, the oldest first, and forgotten", async () => {
  await leave("second", "later", { order: 2 });
  await leave("first", "earlier", { order: 1 });
  const delivered = await sendPending(KEY, "token");
  assert.deepEqual(
    posted.map(([, text]) => text),
    ["earlier", "later"],
  );
  assert.equal(delivered.length, 2);
  assert.deepEqual(Object.keys(localStorage), []);
});

test("what somebody else left, or a page that is still open, stays", async () => {
  await leave("other", "not mine", { hex: OTHER_KEY });
  await leave("open", "still written");
  openPages.add("reflect:open");
  assert.deepEqual(await sendPending(KEY, "token"), []);
  assert.deepEqual(Object.keys(localStorage).sort(), ["reflect:open", "reflect:other"]);
});

test("a page does not send its own text as if it was closed", async () => {
  const store = await openPageStore(KEY, "own");
  await store.put(packet("mine"));
  openPages.clear();
  assert.deepEqual(await sendPending(KEY, "token"), []);
});

test("what does not arrive, or is too long, stays", async () => {
  await leave("late", "x");
  answer = null;
  assert.deepEqual(await sendPending(KEY, "token"), []);
  answer = { ...SAVED, too_long: ["one"] };
  assert.equal((await sendPending(KEY, "token")).length, 1);
  answer = { ...SAVED, left_out: ["remark"] };
  assert.equal((await sendPending(KEY, "token")).length, 1);
  assert.deepEqual(Object.keys(localStorage), ["reflect:late"]);
});

test("drafts are kept by kind, and read by their owner alone", async () => {
  const store = await openDraftStore(KEY, "phrase");
  await store.put("new@1", { text: "een zin" });
  const others = await openDraftStore(OTHER_KEY, "phrase");
  await others.put("new@2", { text: "van een ander" });
  const reasons = await openDraftStore(KEY, "reopen-1");
  assert.deepEqual(await store.all(), [["new@1", { text: "een zin" }]]);
  assert.deepEqual(await reasons.all(), []);
  store.forget("new@1");
  assert.deepEqual(await store.all(), []);
});
