// Requests to the server that want JSON back.

export const TIMEOUT_MS = 20_000;

/**
 * @typedef {object} JsonResponse
 * @property {number} status of HTTP; 0 when the server did not answer
 * @property {boolean} ok
 * @property {any} reply the JSON; null when the body is something else
 */

/** Return a signal that ends a request when nobody answers for TIMEOUT_MS. */
export function timeoutSignal() {
  // AbortSignal.timeout is younger than the phones of some students.
  const controller = new AbortController();
  setTimeout(() => controller.abort(), TIMEOUT_MS);
  return controller.signal;
}

/**
 * Return the answer to a request; never rejects.
 *
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<JsonResponse>}
 */
export async function requestJson(address, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  try {
    const response = await fetch(address, { ...options, headers });
    const reply = await response.json().catch(() => null);
    return { status: response.status, ok: response.ok, reply };
  } catch {
    return { status: 0, ok: false, reply: null };
  }
}

/**
 * Post a form's fields.
 *
 * @param {string} address
 * @param {string[][] | Record<string, string>} fields
 * @param {string} token against forgery
 * @param {RequestInit} [options]
 */
export function postFields(address, fields, token, options = {}) {
  const body = new URLSearchParams(fields);
  body.set("csrf_token", token);
  return requestJson(address, { method: "POST", body, ...options });
}

/** Milliseconds before another try when the server could not be reached. */
export const RETRY_DELAY = 5000;

/**
 * Wait before another try: until the connection is back, or this long.
 *
 * @param {number} milliseconds
 */
export function waitToRetry(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    addEventListener("online", resolve, { once: true });
  });
}
