// How far a print (or an archive) is: the sentence and the bar follow it, and at its end the page is loaded anew.
// The page works without this: it loads itself again.

const PAUSE = 1500; // milliseconds

const place = document.querySelector("[data-printing]");
const bar = place.querySelector("progress");
const sentence = place.querySelector("[role=status]");

async function look() {
  const answer = await fetch(place.dataset.printing, { headers: { Accept: "application/json" } });
  if (!answer.ok) return location.reload();
  const told = await answer.json();
  if (!told.going) return location.reload();
  if (sentence.textContent !== told.sentence) sentence.textContent = told.sentence;
  if (bar) [bar.max, bar.value] = [told.all, told.done];
  later();
}

function later() {
  setTimeout(() => look().catch(later), PAUSE); // no answer: the server may be starting
}

later();
