// Notices, their deliveries and answers: the part of the page that changes is made anew by the server when something happens.
import { complain, getText, now, span, timeOf } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";

const rows = document.getElementById("rows"), { seq, part } = JSON.parse(document.getElementById("start").textContent);
const KINDS = ["notice.", "lookout.", "group."];

function tick() {
  for (const el of rows.querySelectorAll(".timer[data-until]")) el.textContent = span((Date.parse(el.dataset.until) - now()) / 1000);
}
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 150); };
async function reload() {
  try {
    const text = await getText(part + location.search);
    await released();
    renew(rows, text);
    tick();
  } catch (problem) { complain(problem, reload); }
}
tick();
setInterval(tick, 1000);
live({ from: seq, key: document.body.dataset.who, onReset: soon, onEvent: ({ kind }) => { if (KINDS.some((k) => kind.startsWith(k))) soon(); },
  onState: (s) => showState(document.getElementById("live"), document.getElementById("line-bar"), s, timeOf) });
document.documentElement.dataset.notices = "ready";
