// The desk by keyboard: from report to report, from field to field, and to the button without pressing it.

const form = document.querySelector("form[data-editor]");

const fields = () => [...form.querySelectorAll("textarea, input:not([type=hidden], [type=file])")].filter((one) => one.checkVisibility());

function step(by) {
  const all = fields();
  const here = all.indexOf(document.activeElement);
  const there = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by];
  there?.focus();
  there?.scrollIntoView({ block: "center" });
}

const go = (where) => document.querySelector(`.onward a[rel=${where}]`)?.click();

const acts = {
  "Alt+PageDown": () => go("next"),
  "Alt+PageUp": () => go("prev"),
  "Alt+ArrowDown": () => step(1),
  "Alt+ArrowUp": () => step(-1),
  "Control+Enter": () => form.querySelector("button[value=answer]").focus(),
};

addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const pressed = `${event.altKey ? "Alt+" : ""}${event.ctrlKey || event.metaKey ? "Control+" : ""}${event.key}`;
  if (!Object.hasOwn(acts, pressed)) return;
  event.preventDefault();
  acts[pressed]();
});
