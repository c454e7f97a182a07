// Every word in a field is on the server or on the device, or the page says that it is not safe.

import assert from "node:assert/strict";
import test from "node:test";
import { Worker } from "node:worker_threads";

/** Return what one page ended with; see autosave-page.js. */
function runPage(options) {
  return new Promise((resolve, reject) => {
    const page = new Worker(new URL("autosave-page.js", import.meta.url), { workerData: options });
    page.once("message", resolve);
    page.once("error", reject);
  });
}

test("no word is lost, whatever is typed, pasted, cut off and refused", async () => {
  for (let seed = 0; seed < 24; seed += 1) {
    const { report } = await runPage({ seed, steps: 60 });
    assert.equal(report, null, `seed ${seed}`);
  }
});

test("a text too long, made shorter, then typed on without a network, waits here", async () => {
  const scenario = ["paste one", "wait", "wait", "shorten one", "offline", "type one", "wait"];
  for (let seed = 0; seed < 10; seed += 1) {
    const { report, status, stored } = await runPage({ seed, scenario: [...scenario, "wait"] });
    assert.equal(report, null);
    assert.equal(status, "WAITS HERE");
    assert.match(stored["one--text"], /^kort /);
  }
});

test("what has no place any more warns whoever leaves where the device is full", async () => {
  const scenario = ["storage full", "misplace one", "wait long"];
  for (let seed = 0; seed < 10; seed += 1) {
    assert.equal((await runPage({ seed, scenario })).report, null);
  }
});

test("whoever types on while the server wants to wait is not told of the connection", async () => {
  const scenario = ["refused for now", "type one", "wait long", "type one"];
  for (let seed = 0; seed < 10; seed += 1) {
    const { report, status } = await runPage({ seed, scenario });
    assert.equal(report, null);
    assert.match(status, /SERVER WAITS$/);
    assert.doesNotMatch(status, /NOT SAFE/);
    const full = await runPage({ seed, scenario: [...scenario, "storage full", "type one"] });
    assert.equal(full.status, "NOT SAFE, SERVER WAITS");
  }
});

const MINUTE = Array(7).fill(["type one", "wait long"]).flat();

test("while somebody types, failure and repair are read out, and no success", async () => {
  const run = async (scenario) =>
    (await runPage({ seed: 1, scenario: ["reliable", ...scenario] })).readOut;
  assert.deepEqual(await run(MINUTE), []);
  const fails = ["offline", ...MINUTE];
  assert.deepEqual(await run([...MINUTE, ...fails]), ["WAITS HERE"]);
  const again = [...MINUTE, ...fails, "online", "wait long", ...MINUTE];
  assert.deepEqual(await run(again), ["WAITS HERE", "SAVED"]);
  assert.deepEqual(await run(["paste one", "wait long", "shorten one", "wait long", ...MINUTE]), [
    "TOO LONG",
    "SAVED",
  ]);
  assert.deepEqual(await run(["misplace one", "wait long", "shorten one", ...MINUTE]), [
    "LEFT OUT",
    "SAVED",
  ]);
});
