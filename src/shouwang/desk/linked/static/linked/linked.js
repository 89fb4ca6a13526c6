// The list of what linked agencies were asked: it keeps itself up to date, and counts down.
import { complain, getJson, getText, now, span, timeOf } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";
import { linkedAct } from "./acts.js";

const rows = document.getElementById("rows"), { seq } = JSON.parse(document.getElementById("start").textContent);

function tick() {
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
    const text = await getText("/linked/list/");
    await released();
    renew(rows, text);
    tick();
  } catch (problem) { complain(problem, reload); }
}

let agencies = null;
rows.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-linked]");
  if (!button) return;
  try { agencies ??= await getJson("/linked/agencies.json"); } catch (problem) { complain(problem); return; }
  if (await linkedAct(button, { call: "", agencies })) soon();
});
tick();
setInterval(tick, 1000);
live({ from: seq, key: document.body.dataset.who, onReset: soon, onEvent: ({ kind, subject_kind }) => { if (kind.startsWith("linked.") || subject_kind === "linked") soon(); },
  onState: (s) => showState(document.getElementById("live"), document.getElementById("line-bar"), s, timeOf) });
document.documentElement.dataset.linked = "ready";
