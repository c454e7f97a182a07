// What the server does not have yet waits on this device, locked with a key that only its writer gets by signing in.

const NAME = "reflect:";
const SMALL = "reflect-form:"; // of small forms, which nothing sends but their own button

export const ASKED = { Accept: "application/json" };
export const PATIENCE = 20000; // milliseconds to wait for an answer

const MOMENT = 1500; // milliseconds in which a closed page lets go of what it held

export function patience() {
  const end = new AbortController(); // AbortSignal.timeout is younger than the phones of some writers
  setTimeout(() => end.abort(), PATIENCE);
  return end.signal;
}

/** Opens the drawer of one page. It fails to keep anything (`put` gives false) where the browser cannot lock it. */
export async function drawer(hex, page) {
  const key = await unlocked(hex);
  if (key) hold(page);
  return {
    async put(packet) {
      try {
        localStorage.setItem(NAME + page, await locked(key, packet));
        return true;
      } catch {
        return false; // full, forbidden, or not a safe connection
      }
    },
    forget() {
      try {
        localStorage.removeItem(NAME + page);
      } catch {
        // there was nothing to forget
      }
    },
  };
}

/**
 * Sends what closed pages left behind here to the server; `token` is the page's token against forgery.
 * Gives what became of each packet that arrived: [{packet, told}].
 */
export async function deliver(hex, token) {
  const key = await unlocked(hex);
  const arrived = [];
  for (const [name, packet] of key ? await left(key) : []) {
    const told = await send(packet, token);
    if (!told) continue;
    arrived.push({ packet, told });
    if (!told.too_long.length && !told.left_out?.length) localStorage.removeItem(name);
  }
  return arrived;
}

async function send({ address, fields }, token) {
  const body = new URLSearchParams(fields);
  body.set("csrf_token", token);
  try {
    const answer = await fetch(address, { method: "POST", headers: ASKED, body, signal: patience() });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/** Says whether anything of this person waits here. */
export async function waits(hex) {
  const key = await unlocked(hex);
  return key ? (await left(key)).length > 0 : false;
}

/** Opens what small forms of one kind left here: `all` gives [name, words] of this person alone. */
export async function shelf(hex, kind) {
  const key = await unlocked(hex);
  const begin = `${SMALL}${kind}:`;
  return {
    async all() {
      const found = [];
      for (const name of key ? names(begin) : []) {
        const words = await opened(key, localStorage.getItem(name));
        if (words) found.push([name.slice(begin.length), words]);
      }
      return found;
    },
    async put(name, words) {
      try {
        localStorage.setItem(begin + name, await locked(key, words));
      } catch {
        // full, forbidden, or not a safe connection: the words are on the page alone
      }
    },
    forget(name) {
      try {
        localStorage.removeItem(begin + name);
      } catch {
        // there was nothing to forget
      }
    },
  };
}

async function left(key) {
  const all = names(NAME);
  const open = await Promise.all(all.map(isOpen));
  const found = [];
  for (const name of all.filter((_, place) => !open[place])) {
    const packet = await opened(key, localStorage.getItem(name));
    if (packet) found.push([name, packet]);
  }
  return found.sort(([, one], [, other]) => one.order - other.order);
}

function names(begin) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(begin));
  } catch {
    return [];
  }
}

const held = new Set(); // the names of this page itself
function hold(page) {
  held.add(NAME + page);
  navigator.locks?.request(NAME + page, () => new Promise(() => {}));
}

/** Says whether the page that left this is still open, and looks after its own; a page that closes gets a moment to go. */
async function isOpen(name) {
  if (held.has(name) || !navigator.locks) return held.has(name);
  const end = new AbortController();
  const bell = setTimeout(() => end.abort(), MOMENT);
  const free = await navigator.locks.request(name, { signal: end.signal }, () => true).catch(() => false);
  clearTimeout(bell);
  return !free;
}

async function unlocked(hex) {
  if (!hex || !globalThis.crypto?.subtle) return null;
  const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function locked(key, packet) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(packet));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain));
  return `${written(iv)}.${written(sealed)}`;
}

async function opened(key, text) {
  try {
    const [iv, sealed] = text.split(".").map(read);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed);
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return null; // somebody else's, and so it stays
  }
}

function written(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function read(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
