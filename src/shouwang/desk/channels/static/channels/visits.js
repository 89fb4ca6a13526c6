// Callers asked afterwards: one person takes one in hand, calls, and writes down what they say.
import { ask, complain, getText, newId, send, timeOf } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";

const rows = document.getElementById("rows"), told = (id) => Object.entries(JSON.parse(document.getElementById(id).textContent));
const { seq } = JSON.parse(document.getElementById("start").textContent), numbers = new Map();
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 150); };
async function reload() {
  try {
    const text = await getText(rows.dataset.url);
    await released();
    renew(rows, text);
    for (const [visit, number] of numbers) { const el = rows.querySelector(`[data-visit="${visit}"].ch-mine [data-number]`); if (el) el.textContent = number; }
  } catch (problem) { complain(problem, reload); }
}
const acts = {
  claim: (visit) => send(`/api/visits/${visit}/claim`, { key: newId() }),
  number: async (visit) => numbers.set(visit, (await send(`/api/visits/${visit}/number`)).number || gettext("no number is kept")),
  rate: async (visit) => {
    const given = await ask({ title: gettext("What does the caller say?"), confirm: gettext("Save"), fields: [
      { name: "rating", label: gettext("Rating"), options: told("ratings").reverse().map(([n, label]) => [n, `${n} ${label}`]) },
      { name: "why", label: gettext("It rests on"), options: told("whys") }] });
    if (given) await send(`/api/visits/${visit}/rate`, { rating: Number(given.rating), why: given.why, key: newId() });
  },
  end: (visit, { result }) => send(`/api/visits/${visit}/end`, { result, key: newId() }),
};
rows.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-act]");
  if (!button || button.disabled) return;
  button.disabled = true;
  try { await acts[button.dataset.act](button.closest("[data-visit]").dataset.visit, button.dataset); }
  catch (problem) { complain(problem); }
  finally { button.disabled = false; soon(); }
});
live({ from: seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState(document.getElementById("live"), document.getElementById("line-bar"), s, timeOf),
  onEvent: ({ subject_kind }) => { if (subject_kind === "visit" || subject_kind === "visits") soon(); } });
document.documentElement.dataset.visits = "ready";
