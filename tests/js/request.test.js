import assert from "node:assert/strict";
import test from "node:test";
import { postFields, requestJson } from "../../static/js/request.js";

/** @param {(address: string, options: RequestInit) => unknown} answer */
function useFetch(answer) {
  globalThis.fetch = async (address, options) => answer(address, options);
}

test("an answer comes with its status and its JSON", async () => {
  useFetch((_address, { headers }) => Response.json(headers, { status: 401 }));
  const response = await requestJson("/", { headers: { "X-CSRFToken": "t" } });
  assert.equal(response.status, 401);
  assert.equal(response.ok, false);
  assert.deepEqual(response.reply, { Accept: "application/json", "X-CSRFToken": "t" });
});

test("no answer, and an answer that is no JSON, reject nothing", async () => {
  useFetch(() => {
    throw new TypeError("no network");
  });
  assert.deepEqual(await requestJson("/"), { status: 0, ok: false, reply: null });
  useFetch(() => new Response("<html>"));
  assert.deepEqual(await requestJson("/"), { status: 200, ok: true, reply: null });
});

test("fields are posted with the token", async () => {
  useFetch((_address, { method, body }) => Response.json([method, String(body)]));
  const { reply } = await postFields("/", { text: "a b" }, "t");
  assert.deepEqual(reply, ["POST", "text=a+b&csrf_token=t"]);
});
