// A script travels with its modules inside and without its comments: it must still say the same.

import assert from "node:assert/strict";
import test from "node:test";
import * as espree from "espree";
import { runPython } from "./python.js";

const BUNDLES = runPython(`
import json
import rjsmin
from reflect import paths
from reflect.web.script_bundles import bundle
scripts = sorted((paths.STATIC / "js").glob("*.js"))
bundles = {script.name: bundle(script) for script in scripts}
print(json.dumps({name: [source, rjsmin.jsmin(source)] for name, source in bundles.items()}))
`);

/**
 * Return the words and signs of a script. Throws when two of its modules have one name at their top
 * level.
 *
 * @param {string} source
 */
function tokensOf(source) {
  const options = { ecmaVersion: "latest", sourceType: "module", tokens: true };
  return espree.parse(source, options).tokens.map(({ value }) => value);
}

for (const [name, [source, served]] of Object.entries(BUNDLES)) {
  test(`${name} says the same as it travels`, () => {
    assert.deepEqual(tokensOf(served), tokensOf(source));
  });
}
