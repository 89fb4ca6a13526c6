// The list of matters and the office's day: they keep themselves up to date, and open by keyboard.
import { complain, getText, timeOf, typing } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";

const $ = (id) => document.getElementById(id);
const start = JSON.parse($("start").textContent), part = $("rows") ?? $("now");
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 400); };
async function reload() {
  try {
    const text = await getText(part.dataset.url + location.search);
    await released();
    renew(part, text);
  } catch (problem) { complain(problem, reload); }
}
live({ from: start.seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: ({ subject_kind }) => { if (subject_kind === "matter") soon(); } });
setInterval(() => { if (!document.hidden) soon(); }, 60_000); // times go on though nothing happens

document.addEventListener("click", (e) => { if (e.target.closest("[data-print]")) print(); });
document.addEventListener("keydown", (e) => {
  if (typing(e.target) || e.ctrlKey || e.altKey || e.metaKey) return;
  const links = [...part.querySelectorAll("tr[data-matter] a")], at = links.indexOf(document.activeElement);
  if (e.key === "j" || e.key === "k") { links[Math.max(0, Math.min(links.length - 1, at + (e.key === "j" ? 1 : -1)))]?.focus(); e.preventDefault(); }
  else if (e.key.toLowerCase() === "c") { const link = part.querySelector("a[href$='/matters/new/']"); if (link) link.click(); }
});
document.documentElement.dataset.matters = "ready";
