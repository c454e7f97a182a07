// What the tests ask Python: the rules that it sends to scripts, and scripts as they travel.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Return what a Python program prints, as JSON.
 *
 * @param {string} program
 */
export function runPython(program) {
  const output = execFileSync(`${ROOT}.venv/bin/python`, ["-c", program], { cwd: ROOT });
  return JSON.parse(output.toString());
}

/** @param {string} language */
export function browserRules(language) {
  return runPython(`
import json
from reflect.text.browser_rules import browser_rules
print(json.dumps(browser_rules("${language}")))
`);
}
