// Sends photos, sounds and PDFs with their section; after a dropped connection again, under the same name.

const PAUSE = 4000; // milliseconds before another try

/** Sends these files one after the other and puts each, as the server made it, into its section. */
export async function sendAll(files, { home, form }) {
  for (const file of files) await send(file, { home, form });
}

async function send(file, { home, form }) {
  const status = home.querySelector(".sending");
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", status.dataset.sending);
  status.replaceChildren(`${status.dataset.sending} `, bar);
  const upload = name();
  for (;;) {
    const { answer, told } = await attempt(file, { upload, home, form, bar });
    if (told?.html) {
      place(told.html, home);
      status.textContent = status.dataset.sent;
      return;
    }
    if (answer >= 400 && answer < 500) {
      const words = [told?.sentence, told?.remedy].filter(Boolean).join(" ");
      status.replaceChildren(Object.assign(document.createElement("span"), { className: "error", textContent: `${file.name}: ${words}` }));
      return;
    }
    status.replaceChildren(status.dataset.again);
    await new Promise((done) => setTimeout(done, PAUSE));
    status.replaceChildren(`${status.dataset.sending} `, bar);
  }
}

function attempt(file, { upload, home, form, bar }) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("upload", upload);
  body.set("section", home.dataset.section);
  body.set("file", file);
  const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
  return new Promise((done) => {
    request.open("POST", form.dataset.evidence);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    request.onload = () => done({ answer: request.status, told: request.response });
    request.onerror = request.onabort = () => done({ answer: 0, told: null });
    request.send(body);
  });
}

function name() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function place(html, home) {
  const piece = new DOMParser().parseFromString(html, "text/html").querySelector("figure");
  home.querySelector(".add").before(piece);
  const caption = piece.querySelector("input[type=text]");
  caption.dispatchEvent(new Event("input", { bubbles: true })); // it belongs to the text now: keep it
  caption.focus();
  caption.addEventListener("change", () => {
    const picture = piece.querySelector("img");
    if (picture) picture.alt = caption.value;
  });
}
