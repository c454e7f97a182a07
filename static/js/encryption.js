// Encrypts what waits on a device. The key comes with every page of its owner, and stays the same.

/**
 * Return the key, or null where the browser has no cryptography: on a connection without TLS.
 *
 * @param {string | undefined} hex
 * @returns {Promise<CryptoKey | null>}
 */
export async function importKey(hex) {
  if (!hex || !globalThis.crypto?.subtle) return null;
  const pairs = hex.match(/../g) ?? [];
  const bytes = Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/**
 * Return `value` as JSON, encrypted, as text.
 *
 * @param {CryptoKey} key
 * @param {unknown} value
 */
export async function encrypt(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(value));
  const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  return `${toBase64(iv)}.${toBase64(new Uint8Array(ciphertext))}`;
}

/**
 * Return what `encrypt` was given, or null when another key made this text.
 *
 * @param {CryptoKey} key
 * @param {string | null} text
 * @returns {Promise<any>}
 */
export async function decrypt(key, text) {
  try {
    const [iv, ciphertext] = (text ?? "").split(".").map(fromBase64);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, ciphertext);
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return null;
  }
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @param {string} text */
function fromBase64(text) {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
