// The list of units: filter, running times, state changes, and changes of others by the stream.
import { complain, fill, html, newId, now, send, span, timeOf, toast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { plate } from "../desk/symbols.js";

const $ = (id) => document.getElementById(id);
const words = JSON.parse($("words").textContent), table = $("units");

function filter() {
  const text = $("find").value.trim().toLowerCase().normalize("NFKC"), state = $("state").value, area = $("area").value;
  let shown = 0, all = 0;
  for (const body of table.tBodies) {
    let here = 0;
    for (const row of body.querySelectorAll("[data-unit]")) {
      const fits = (!text || row.dataset.find.toLowerCase().includes(text)) && (!state || row.dataset.state === state) && row.dataset.area.startsWith(area);
      row.hidden = !fits;
      here += fits; all++;
    }
    body.hidden = !here;
    shown += here;
  }
  $("shown").textContent = fill(gettext("%(shown)s of %(all)s shown"), { shown, all });
  $("none").hidden = shown > 0;
}

function tick() {
  for (const el of table.querySelectorAll(".timer[data-from]")) el.textContent = span(Math.max(0, (now() - Date.parse(el.dataset.from)) / 1000));
}

function show(unit) {
  const row = table.querySelector(`[data-unit="${unit.id}"]`);
  if (!row) return;
  const mark = row.querySelector(".mark")?.outerHTML ?? "", may = table.dataset.may !== "no", cell = row.querySelector(".moves");
  row.dataset.state = unit.state;
  row.querySelector(".plate").innerHTML = `${plate(unit)} ${mark}`;
  row.querySelector(".state-name").textContent = words.states[unit.state];
  row.querySelector(".timer").dataset.from = unit.since;
  row.querySelector(".on-call").innerHTML = unit.call ? html`<a href="/board/#${unit.call}">${gettext("Open")}</a>` : "";
  if (may && !cell.contains(document.activeElement)) cell.innerHTML = unit.call ? "" : html`${words.moves.filter((m) => m.from.includes(unit.state)).map((m) => html`<button type="button" class="btn btn-s" data-cmd="state" data-move="${m.id}">${m.label}</button> `)}`;
  filter();
}

if (table) {
  for (const id of ["find", "state", "area"]) $(id).addEventListener("input", filter);
  table.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-move]");
    if (!button) return;
    const row = button.closest("[data-unit]"), order = { transition: button.dataset.move, key: newId() };
    const go = async () => {
      try {
        const unit = await send(`/api/units/${row.dataset.unit}/state`, order);
        button.blur();
        show(unit);
        toast(`${row.querySelector(".unit").innerText} ${button.textContent}`);
      } catch (problem) { complain(problem, go); }
    };
    go();
  });
  filter(); tick();
  setInterval(tick, 1000);
  live({ from: Number(table.dataset.seq), key: document.body.dataset.who, onReset: () => location.reload(),
    onEvent: (e) => { if (e.subject_kind === "unit" && e.card) show(e.card); }, onState: (s) => showState($("live"), $("line-bar"), s, timeOf) });
}
