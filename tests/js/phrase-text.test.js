import assert from "node:assert/strict";
import test from "node:test";
import {
  findPlaceholder,
  hasWords,
  shortened,
  withPlaceholder,
} from "../../static/js/phrase-text.js";

test("a phrase fits when it has every word that was typed", () => {
  assert.equal(hasWords("Je beschrijft goed hoe je het aanpakt", "goed AANPAK"), true);
  assert.equal(hasWords("Je beschrijft goed hoe", "goed aanpak"), false);
  assert.equal(hasWords("Alles", ""), true);
});

test("a name becomes a placeholder where it is a word of its own", () => {
  assert.equal(
    withPlaceholder("Noor, dit is Noors werk.", "Noor", "{naam}"),
    "{naam}, dit is Noors werk.",
  );
  assert.equal(withPlaceholder("Dag J. (Jo)", "J. (Jo)", "{naam}"), "Dag {naam}");
});

test("the first placeholder is found", () => {
  assert.deepEqual(findPlaceholder("Dag { Naam }, {goal}", ["goal", "naam"]), {
    index: 4,
    length: 8,
  });
  assert.equal(findPlaceholder("Dag {iedereen}", ["naam"]), null);
});

test("long words are shortened", () => {
  assert.equal(shortened("abc", 3), "abc");
  assert.equal(shortened("abcd", 3), "abc…");
});
