// Holds on this device what is typed in a small form, until it has arrived; nothing is sent before its button is pressed.

import { shelf } from "./device.js";

const form = document.querySelector("[data-holds]"); // on the page behind it there is none, only word that it has arrived
const { holds, which, asOf, device, found } = form.dataset;
const place = await shelf(device, holds);
const fields = [...form.querySelectorAll("textarea")];
const name = `${which}@${asOf}`; // `asOf` changes when something arrived, so an older one that was sent may go

const words = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
const isNew = (field) => field.value !== field.defaultValue || field.hasAttribute("aria-invalid"); // what was refused is kept nowhere
const says = () => fields.some((field) => field.value.trim() && isNew(field));

async function note(sent) {
  if (!fields.length) return;
  if (says()) await place.put(name, { ...words(), sent });
  else place.forget(name);
}

let noted = Promise.resolve(); // one after the other, so that the newest words stay
const remember = (sent) => (noted = noted.then(() => note(sent)));

function restore(left) {
  for (const field of fields) {
    if (!left[field.name]?.trim() || field.value !== field.defaultValue || field.value === left[field.name]) continue;
    field.value = left[field.name];
    const said = document.createElement("p");
    said.className = "notice";
    said.setAttribute("role", "status");
    said.textContent = found;
    field.after(said);
    field.dispatchEvent(new Event("input", { bubbles: true })); // it may need more room
  }
}

for (const [key, left] of await place.all()) {
  const [of, then] = key.split("@");
  const arrived = left.sent && then !== asOf;
  if (!arrived && of === which) restore(left);
  if (arrived || (fields.length && of === which && key !== name)) place.forget(key);
}
await remember(false);

form.addEventListener("input", () => remember(false));
form.addEventListener("submit", async (event) => {
  if (form.dataset.sure) return;
  event.preventDefault();
  await remember(true);
  form.dataset.sure = "yes";
  setTimeout(() => form.requestSubmit(event.submitter)); // not while this press is still being told to others
});
