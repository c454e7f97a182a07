// Takes the addresses out of package-lock.json that npm ci does not need. `make lock` runs it.

import { readFileSync, writeFileSync } from "node:fs";

const LOCK = new URL("package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(LOCK, "utf-8"));
for (const entry of Object.values(lock.packages)) delete entry.funding;
writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
