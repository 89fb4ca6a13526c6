// The facility board keeps itself up to date, unless somebody is filling in a row.
import { complain, getText, timeOf } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";

const rows = document.getElementById("rows"), { seq } = JSON.parse(document.getElementById("start").textContent);
let waiting = null, typed = false;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 80); };
async function reload() {
  if (typed) return;
  try {
    const text = await getText("/facilities/rows/");
    await released();
    if (!typed) renew(rows, text);
  } catch (problem) { complain(problem, reload); }
}
rows.addEventListener("input", () => { typed = true; });
live({ from: seq, key: document.body.dataset.who, onReset: soon, onEvent: ({ kind }) => { if (kind.startsWith("site.facility")) soon(); },
  onState: (s) => showState(document.getElementById("live"), document.getElementById("line-bar"), s, timeOf) });
