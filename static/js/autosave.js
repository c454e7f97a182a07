// Keeps what is typed, a moment after the typing stops. The page works without it: "Keep" does the same.

const PAUSE = 1500; // milliseconds of quiet before a save
const AGAIN = 8000; // milliseconds before another try when the server could not be reached

const form = document.querySelector("form[data-autosave]");
const kept = document.getElementById("kept");

const section = (name) => name.split("--")[0];
const changed = new Set();
let timer = null;
let busy = false;

function shape(inputs) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!name.includes("--")) body.append(name, value);
    else if (inputs.has(section(name))) body.append(name, value);
  }
  body.set("save_key", crypto.randomUUID());
  return body;
}

async function save() {
  if (busy || changed.size === 0) return;
  busy = true;
  const now = new Set(changed);
  changed.clear();
  kept.textContent = form.dataset.busy;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: shape(now),
      redirect: "error",
    });
    const told = await answer.json();
    kept.textContent = told.sentence;
    if (answer.ok) form.elements.version.value = told.version;
    else if (answer.status >= 500) retry(now);
  } catch {
    retry(now);
  }
  busy = false;
  if (changed.size) wait(PAUSE);
}

function retry(sections) {
  for (const one of sections) changed.add(one);
  kept.textContent = form.dataset.failed;
  wait(AGAIN);
}

function wait(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

form?.addEventListener("input", ({ target }) => {
  if (!target.name?.includes("--")) return;
  changed.add(section(target.name));
  wait(PAUSE);
});
form?.addEventListener("submit", () => {
  clearTimeout(timer);
  changed.clear();
});
addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});
addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") save();
});
