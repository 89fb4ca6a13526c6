// The list of mediations: it keeps itself up to date, and opens by keyboard.
import { complain, getText, timeOf, typing } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";

const $ = (id) => document.getElementById(id);
const start = JSON.parse($("start").textContent), part = $("rows");
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 400); };
async function reload() {
  try {
    const text = await getText(part.dataset.url + location.search);
    await released();
    renew(part, text);
  } catch (problem) { complain(problem, reload); }
}
document.addEventListener("keydown", (e) => {
  if (typing(e.target) || e.ctrlKey || e.altKey || e.metaKey) return;
  const links = [...part.querySelectorAll("tr[data-mediation] a")], at = links.indexOf(document.activeElement);
  if (e.key === "j" || e.key === "k") { links[Math.max(0, Math.min(links.length - 1, at + (e.key === "j" ? 1 : -1)))]?.focus(); e.preventDefault(); }
  else if (e.key.toLowerCase() === "c") part.querySelector("a[href$='/mediation/new/']")?.click();
});
live({ from: start.seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: ({ subject_kind }) => { if (subject_kind === "mediation") soon(); } });
setInterval(() => { if (!document.hidden) soon(); }, 60_000); // times go on though nothing happens
document.documentElement.dataset.mediations = "ready";
