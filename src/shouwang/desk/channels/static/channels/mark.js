// The inbox in the top bar: counts that keep themselves up to date, and the call this person has just answered, on whatever page they are.
import { complain, fill, newId, send, toast } from "../desk/desk.js";
import { live } from "../desk/live.js";

const KINDS = ["item", "ring", "line"], who = document.body.dataset.who ?? "", shown = new Set();
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(() => htmx.trigger(document.body, "inbox"), 300); };

/** Offers the answered call, once on each page, until it is opened or three minutes old. */
function pop(ring, line) {
  if (!ring || shown.has(ring)) return;
  shown.add(ring);
  const box = toast(line ? fill(gettext("You answered a call on %(line)s."), { line }) : gettext("You answered a call."), { hold: 60 });
  const button = Object.assign(document.createElement("button"), { className: "btn btn-1 btn-s", type: "button", textContent: gettext("Open it in the form") });
  button.dataset.pop = ring;
  const key = newId();
  button.addEventListener("click", async () => {
    try { location.href = (await send(`/api/rings/${ring}/answered`, { key })).url; } catch (problem) { complain(problem); }
  });
  box.append(button);
}
function first() {
  const mark = document.querySelector("[data-inbox-seq]");
  pop(mark?.dataset.answered, mark?.dataset.line);
}
first();
document.body.addEventListener("htmx:afterSwap", (e) => { if (e.target.id === "inbox-mark") first(); }); // the word itself may have been missed
live({ from: Number(document.querySelector("[data-inbox-seq]")?.dataset.inboxSeq ?? 0), key: who, onReset: soon, onEvent: (event) => {
  if (!KINDS.includes(event.subject_kind)) return;
  if (event.subject_kind === "ring" && event.card?.user === who) pop(event.subject, event.card.line);
  soon();
} });
