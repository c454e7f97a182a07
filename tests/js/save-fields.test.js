import assert from "node:assert/strict";
import test from "node:test";
import { isNewToPage, sectionOf, serialize } from "../../static/js/save-fields.js";

test("a field belongs to the section before its last dashes", () => {
  assert.equal(sectionOf("geleerd--text"), "geleerd");
  assert.equal(sectionOf("doelen--1.goal"), "doelen");
  assert.equal(sectionOf("remark.a--b--text"), "remark.a--b");
  assert.equal(sectionOf("geleerd--caption.x--y"), "geleerd");
});

test("a save sends the fields of its sections and the version", () => {
  const entries = [
    ["csrf_token", "secret"],
    ["version", "3"],
    ["one--text", "a"],
    ["two--text", "b"],
  ];
  assert.deepEqual(serialize(entries, new Set(["one"]), "page.1"), [
    ["version", "3"],
    ["one--text", "a"],
    ["save_key", "page.1"],
  ]);
});

test("a section without a ticked box is sent as empty, and a file is not sent", () => {
  const entries = [["goals--file", new File([], "a.png")]];
  assert.deepEqual(serialize(entries, new Set(["goals"]), "page.2"), [
    ["goals--", ""],
    ["save_key", "page.2"],
  ]);
});

const PACKET = { address: "/", order: 1, fields: [["one--text", "a\r\nb"]] };
const reply = (outcome) => ({
  outcomes: { one: outcome },
  aside: [],
  too_long: [],
  sentence: "",
});

test("what the page shows and the server had is not new", () => {
  assert.equal(
    isNewToPage(PACKET, reply("same"), () => "a\nb"),
    false,
  );
  assert.equal(
    isNewToPage(PACKET, reply("same"), () => null),
    false,
  );
});

test("what the page does not show, or the server did not have, is new", () => {
  assert.equal(
    isNewToPage(PACKET, reply("same"), () => "a"),
    true,
  );
  assert.equal(
    isNewToPage(PACKET, reply("saved"), () => "a\nb"),
    true,
  );
});
