// The inbox in the top bar: counts that keep themselves up to date, and the call this person has just answered, on whatever page they are.
import { complain, fill, newId, send, toast } from "../desk/desk.js";
import { live } from "../desk/live.js";

const KINDS = ["item", "ring", "line"], who = document.body.dataset.who ?? "", shown = new Set();
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(() => htmx.trigger(document.body, "inbox"), 300); };

/** Offers the answered call; it goes when it is opened, or after a while: then it still stands in the mark's own page. */
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
live({ from: Number(document.querySelector("[data-inbox-seq]")?.dataset.inboxSeq ?? 0), key: who, onReset: soon, onEvent: (event) => {
  if (!KINDS.includes(event.subject_kind)) return;
  if (event.subject_kind === "ring" && event.card?.user === who) pop(event.subject, event.card.line);
  soon();
} });
