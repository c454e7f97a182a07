// Keeps on this device, encrypted, what the server does not have yet.

import { decrypt, encrypt, importKey } from "./encryption.js";
import { postFields, timeoutSignal } from "./request.js";

const KEY_PREFIX = "reflect:";
const DRAFT_PREFIX = "reflect-form:"; // of small forms, which are sent by their own button alone

const CLOSE_GRACE = 1500; // milliseconds in which a closed page lets go of its lock

/**
 * @typedef {object} PendingSave
 * @property {string} address where it is to be posted
 * @property {number} order earlier saves are sent first
 * @property {[string, string][]} fields
 *
 * @typedef {object} SaveReply
 * @property {Record<string, string>} outcomes by section
 * @property {string[]} aside sections that have two texts now
 * @property {string[]} too_long
 * @property {string[]} [left_out]
 * @property {string} sentence
 */

/**
 * Open the store of one page.
 *
 * Its `put` returns false where nothing can be kept.
 *
 * @param {string | undefined} hex the key
 * @param {string} page the key of the page
 */
export async function openPageStore(hex, page) {
  const key = await importKey(hex);
  if (key) holdLock(KEY_PREFIX + page);
  return {
    /** @param {PendingSave} pendingSave */
    put: (pendingSave) => putEncrypted(key, KEY_PREFIX + page, pendingSave),
    forget: () => remove(KEY_PREFIX + page),
  };
}

/**
 * Open the store of small forms of one kind; `all` returns the drafts of this person alone.
 *
 * @param {string | undefined} hex the key
 * @param {string} kind
 */
export async function openDraftStore(hex, kind) {
  const key = await importKey(hex);
  const prefix = `${DRAFT_PREFIX}${kind}:`;
  return {
    async all() {
      /** @type {[string, any][]} */
      const drafts = [];
      for (const name of key ? keysWithPrefix(prefix) : []) {
        const values = await decrypt(/** @type {CryptoKey} */ (key), localStorage.getItem(name));
        if (values) drafts.push([name.slice(prefix.length), values]);
      }
      return drafts;
    },
    /** @param {string} name @param {object} values */
    put: (name, values) => putEncrypted(key, prefix + name, values),
    /** @param {string} name */
    forget: (name) => remove(prefix + name),
  };
}

/**
 * Send what closed pages left here, and forget what has arrived.
 *
 * @param {string | undefined} hex the key
 * @param {string} token the page's token against forgery
 * @returns {Promise<{pendingSave: PendingSave, reply: SaveReply}[]>} what has arrived
 */
export async function sendPending(hex, token) {
  const key = await importKey(hex);
  const delivered = [];
  for (const [name, pendingSave] of key ? await listPending(key) : []) {
    const reply = await sendSave(pendingSave, token);
    if (!reply) continue;
    delivered.push({ pendingSave, reply });
    if (!reply.too_long.length && !reply.left_out?.length) localStorage.removeItem(name);
  }
  return delivered;
}

/**
 * @param {PendingSave} pendingSave
 * @param {string} token
 * @returns {Promise<SaveReply | null>}
 */
async function sendSave({ address, fields }, token) {
  const { ok, reply } = await postFields(address, fields, token, { signal: timeoutSignal() });
  return ok ? reply : null;
}

/**
 * Return the names and saves of pages that are closed, the oldest first.
 *
 * @param {CryptoKey} key
 * @returns {Promise<[string, PendingSave][]>}
 */
async function listPending(key) {
  const names = keysWithPrefix(KEY_PREFIX);
  const open = await Promise.all(names.map(isPageOpen));
  /** @type {[string, PendingSave][]} */
  const pending = [];
  for (const name of names.filter((_, index) => !open[index])) {
    const pendingSave = await decrypt(key, localStorage.getItem(name));
    if (pendingSave) pending.push([name, pendingSave]);
  }
  return pending.sort(([, one], [, other]) => one.order - other.order);
}

/**
 * @param {CryptoKey | null} key
 * @param {string} name
 * @param {object} value
 * @returns {Promise<boolean>} whether it was read back; not where storage is full or forbidden
 */
async function putEncrypted(key, name, value) {
  if (!key) return false;
  try {
    localStorage.setItem(name, await encrypt(key, value));
    // A page says that a text waits here, so it is read back: some browsers keep nothing and do not
    // say so.
    const kept = await decrypt(key, localStorage.getItem(name));
    return JSON.stringify(kept) === JSON.stringify(value);
  } catch {
    return false;
  }
}

/** @param {string} name */
function remove(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // Storage is forbidden, so nothing was kept either.
  }
}

/** @param {string} prefix */
function keysWithPrefix(prefix) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

const ownKeys = new Set(); // of this page itself

/**
 * Show other pages, for as long as this page lives, that it looks after what has this name.
 *
 * @param {string} name
 */
function holdLock(name) {
  ownKeys.add(name);
  navigator.locks?.request(name, () => new Promise(() => {}));
}

/**
 * Return whether the page that left this is still open; a closing page gets CLOSE_GRACE to go.
 *
 * @param {string} name
 */
async function isPageOpen(name) {
  if (ownKeys.has(name) || !navigator.locks) return ownKeys.has(name);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), CLOSE_GRACE);
  const isFree = await navigator.locks
    .request(name, { signal: abort.signal }, () => true)
    .catch(() => false);
  clearTimeout(timer);
  return !isFree;
}

/** Return whether anything of anybody waits on this device, also what cannot be sent by itself. */
export function isSomethingStored() {
  return keysWithPrefix(KEY_PREFIX).length + keysWithPrefix(DRAFT_PREFIX).length > 0;
}
