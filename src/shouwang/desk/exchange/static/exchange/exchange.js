// The list of what is asked between neighbouring centres and us: it keeps itself up to date, and tells ages.
import { complain, getText, now, span, timeOf } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";
import { helpAct } from "./acts.js";

const rows = document.getElementById("rows"), { seq } = JSON.parse(document.getElementById("start").textContent);

/** How old what the other side said is, and how long until what is needed. */
function tick() {
  for (const el of rows.querySelectorAll("[data-since]")) el.textContent = span((now() - Date.parse(el.dataset.since)) / 1000);
  for (const el of rows.querySelectorAll(".timer[data-until]")) {
    const left = (Date.parse(el.dataset.until) - now()) / 1000;
    el.textContent = span(left);
    el.classList.toggle("over", left <= 0);
  }
}
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 80); };
async function reload() {
  try {
    const text = await getText(rows.dataset.from);
    await released();
    renew(rows, text);
    tick();
  } catch (problem) { complain(problem, reload); }
}

rows.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-help]");
  if (button && await helpAct(button)) soon();
});
tick();
setInterval(tick, 1000);
setInterval(soon, 30_000); // tries that failed again are no event
live({ from: seq, key: document.body.dataset.who, onReset: soon, onEvent: ({ kind, subject_kind }) => { if (kind.startsWith("help.") || subject_kind === "help") soon(); },
  onState: (s) => showState(document.getElementById("live"), document.getElementById("line-bar"), s, timeOf) });
document.documentElement.dataset.exchange = "ready";
