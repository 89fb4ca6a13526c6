// Units each hour needs for the promised response, beside those there are. Promise and minutes can be changed.
import { complain, fill, getJson, html } from "../desk/desk.js";
import { barChart, charts, dayOf, hourOf, token } from "./common.js";

export function staffingChart() {
  const form = document.getElementById("promise");
  let chart = null, told = null;
  const load = async () => {
    const share = Number(form.elements.share.value) / 100, minutes = form.elements.minutes.value;
    const query = `?share=${share}${minutes ? `&service_min=${minutes}` : ""}`;
    told = await getJson(`/api/forecast/staffing${query}`);
    for (const link of document.querySelectorAll("[data-files=staffing] a")) link.search = query;
    const rows = told.hours.map((h) => ({ ...h, at: new Date(h.start), there: told.there_are }));
    document.getElementById("needed-said").textContent = sentence(rows);
    document.getElementById("needed-rests").textContent = rests(told, minutes);
    if (chart) chart.draw(rows);
    else chart = barChart(document.getElementById("needed"), document.getElementById("needed-table"), "needed", rows, { option, table, sentence });
  };
  form.addEventListener("change", () => { if (form.reportValidity()) load().catch(complain); });
  form.addEventListener("submit", (e) => e.preventDefault());
  charts("needed", load);
}

function sentence(rows) {
  const most = rows.reduce((a, b) => (b.units > a.units ? b : a)), short = rows.filter((r) => r.units > r.there).length;
  return fill(gettext("Most units are needed on %(day)s at %(hour)s:00: %(units)s, up to %(high)s if more calls come (80 %). There are %(there)s; they are too few in %(short)s of %(n)s hours."),
    { day: dayOf(most.at), hour: hourOf(most.at), units: most.units, high: most.high, there: most.there, short, n: rows.length });
}

// What the figures rest on: measured or assumed, and from how much.
function rests(told, minutes) {
  const least = Math.min(...told.hours.map((h) => h.service_min)), most = Math.max(...told.hours.map((h) => h.service_min));
  const span = least === most ? `${Math.round(least)}` : `${Math.round(least)}–${Math.round(most)}`, count = (n) => n.toLocaleString();
  const said = [
    told.part_calls ? fill(gettext("Calls for police, split by %(n)s calls."), { n: count(told.part_calls) }) : gettext("All calls are taken to need police: none has told yet."),
    minutes ? "" : told.cases ? fill(gettext("A call takes %(n)s minutes by shift, measured from %(cases)s cases."), { n: span, cases: count(told.cases) }) : fill(gettext("A call is taken to take %(n)s minutes: no case is measured yet."), { n: span }),
    told.busy_hours ? fill(gettext("Busy now: measured from %(n)s unit-hours on duty."), { n: count(Math.round(told.busy_hours)) }) : gettext("Busy now: the setting of the centre, nothing is measured."),
  ];
  return said.filter(Boolean).join(" ");
}

function option(rows) {
  const text = token("--text-2"), line = token("--line"), there = rows[0]?.there ?? 0;
  return {
    animation: false, aria: { enabled: false }, textStyle: { fontFamily: token("--font").replaceAll('"', "") },
    grid: { left: 40, right: 60, top: 12, bottom: 26 },
    xAxis: { type: "category", data: rows.map((r) => hourOf(r.at)), axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: text, fontSize: 12, interval: 5 } },
    yAxis: { type: "value", min: 0, max: Math.max(there, ...rows.map((r) => r.high)) + 1, minInterval: 1, splitNumber: 3, axisLabel: { color: text, fontSize: 12 }, splitLine: { lineStyle: { color: line } } },
    series: [
      { type: "bar", barCategoryGap: "28%", data: rows.map((r) => r.units), itemStyle: { color: token("--q3") },
        markLine: { silent: true, symbol: "none", data: [{ yAxis: there }], lineStyle: { color: text, type: "dashed" }, label: { color: text, fontSize: 12, formatter: fill(gettext("%(n)s there"), { n: there }) } } },
      { type: "custom", silent: true, data: rows.map((r, i) => [i, r.units, r.high]), renderItem: (_, api) => {
          const low = api.coord([api.value(0), api.value(1)]), high = api.coord([api.value(0), api.value(2)]);
          return { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: text, lineWidth: 1.4 } };
        } },
    ],
  };
}

const table = (rows) => html`<table class="tbl"><thead><tr><th scope="col">${gettext("Hour")}</th><th class="n" scope="col">${gettext("Units")}</th><th class="n" scope="col">${gettext("If more calls come")}</th><th class="n" scope="col">${gettext("In time")}</th><th class="n" scope="col">${gettext("Busy")}</th><th class="n" scope="col">${gettext("Busy now")}</th><th class="n" scope="col">${gettext("Minutes a call")}</th></tr></thead>
  <tbody>${rows.map((r) => html`<tr><td class="num">${dayOf(r.at)} ${hourOf(r.at)}:00</td><td class="n">${r.units}</td><td class="n">${r.high}</td><td class="n">${(r.kept * 100).toFixed(1)} %</td><td class="n">${(r.busy * 100).toFixed(0)} %</td><td class="n">${(r.busy_now * 100).toFixed(0)} %</td><td class="n">${r.service_min.toFixed(0)}</td></tr>`)}</tbody></table>`;
