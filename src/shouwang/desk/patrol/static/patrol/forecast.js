// The forecast by hour: map, areas and the heat map of the week follow the chosen hour.
import { complain, fill, html, nameOf, typing } from "../desk/desk.js";
import { streetMap } from "../desk/map.js";
import { dayOf, hourOf, hoursChart, jobButtons, later, showCells } from "./common.js";
import { staffingChart } from "./staffing.js";

jobButtons();
if (document.getElementById("promise")) staffingChart();
const dataEl = document.getElementById("forecast-data");
if (dataEl) open(JSON.parse(dataEl.textContent));

function open(config) {
  const slider = document.getElementById("hour"), name = document.getElementById("hour-name"), play = document.getElementById("play");
  const whole = config.areas.find((a) => a.path === config.district);
  const times = Array.from({ length: config.hours }, (_, i) => later(config.origin, i));
  let map = null, playing = null, turn = 0;

  const rows = () => times.map((at, i) => ({ at, expected: whole.expected[i], low: whole.low[i], high: whole.high[i], chosen: i === Number(slider.value) }));
  const chart = whole ? hoursChart(document.getElementById("hours"), document.getElementById("hours-table"), rows(), { onPick: (i) => choose(i) }) : null;
  const cells = [...document.querySelectorAll("[data-how]")], hows = times.map(howOf);
  for (const cell of cells) {
    const i = hows.indexOf(cell.dataset.how);
    if (i < 0) continue;
    cell.classList.add("told");
    cell.addEventListener("click", () => choose(i));
  }

  const choose = async (i) => {
    slider.value = i;
    const at = times[i], text = fill(gettext("%(day)s %(from)s:00—%(to)s:00"), { day: dayOf(at), from: hourOf(at), to: hourOf(later(at, 1)) });
    name.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    areas(config, i);
    for (const cell of cells) cell.classList.toggle("on", cell.dataset.how === hows[i]);
    chart?.draw(rows());
    const mine = ++turn;
    if (map) await new Promise((r) => setTimeout(r, 60)).then(() => (mine === turn ? showCells(map, at, 1, fill(gettext("Calls expected per cell of %(m)s m, %(hour)s"), { m: config.cell_m, hour: text })) : null)).catch(complain);
  };
  const toggle = () => {
    if (playing) { clearInterval(playing); playing = null; }
    else playing = setInterval(() => choose((Number(slider.value) + 1) % config.hours), 900);
    play.setAttribute("aria-pressed", String(Boolean(playing)));
  };
  slider.addEventListener("input", () => choose(Number(slider.value)));
  play.addEventListener("click", toggle);
  document.addEventListener("keydown", (e) => {
    if (e.key === " " && !e.target.closest("button, a, summary") && (e.target === slider || !typing(e.target))) { e.preventDefault(); toggle(); }
  });
  choose(0);
  streetMap(document.getElementById("fc-map"), { showLegend: false }).then((made) => { map = made; choose(Number(slider.value)); }).catch(complain);
}

/** "weekday hour" of a moment, as the heat map numbers them: Monday 0. */
function howOf(at) {
  const zone = document.body.dataset.zone || undefined;
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short" }).format(at);
  return `${["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(day)} ${Number(hourOf(at))}`;
}

function areas(config, i) {
  const parts = config.areas.filter((a) => a.path !== config.district), scale = 116 / Math.max(0.1, ...parts.flatMap((a) => a.high));
  const row = (a, whole) => html`<div class="arow${whole ? " line-t b" : ""}"><span class="cut${whole ? " wide" : ""}">${whole ? gettext("Whole district") : nameOf(a)}</span>${whole ? ""
    : html`<svg viewBox="0 0 120 14" preserveAspectRatio="none" class="ch" aria-hidden="true"><line class="ax" x1="0" x2="120" y1="13" y2="13"/><line class="ci" x1="${a.low[i] * scale}" x2="${a.high[i] * scale}" y1="7" y2="7"/><rect class="dot" x="${a.expected[i] * scale}" y="2" width="4" height="10"/></svg>`}
    <span class="n1">${a.expected[i].toFixed(1)} <span class="dim3">(${a.low[i].toFixed(0)}–${a.high[i].toFixed(0)})</span></span></div>`;
  const whole = config.areas.find((a) => a.path === config.district);
  document.getElementById("areas").innerHTML = html`${parts.map((a) => row(a, false))}${whole ? row(whole, true) : ""}`;
}
