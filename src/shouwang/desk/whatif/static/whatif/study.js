// A comparison's charts with their tables, and what can be done with it.
import * as echarts from "../vendor/echarts/echarts.esm.min.mjs";
import { asked } from "../desk/asked.js";
import { html } from "../desk/desk.js";

const head = document.getElementById("study");
const PAPER_PX = 660; // fits A4 upright with its margins
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const percent = (e) => (e[0] === null ? "—" : `${(e[0] * 100).toFixed(1)} %${e[1] === null ? "" : ` (${(e[1] * 100).toFixed(1)}–${(e[2] * 100).toFixed(1)})`}`);
const share = (v) => (v === null ? null : Math.min(1, Math.max(0, v)) * 100);

asked(`/api/whatif/${head.dataset.id}`, { back: "/whatif/", title: head.dataset.title, loses: gettext("Its figures cannot be brought back.") });

const data = document.getElementById("study-data");
if (data) draw(JSON.parse(data.textContent));

function draw(told) {
  const minutes = told.curve_s.map((s) => s / 60);
  document.getElementById("curve-table").innerHTML = html`<table class="tbl"><thead><tr><th class="n" scope="col">${gettext("Minutes")}</th><th class="n" scope="col">A (95 %)</th><th class="n" scope="col">B (95 %)</th></tr></thead><tbody>${minutes.map((m, i) => html`<tr><td class="n">${m}</td><td class="n">${percent(told.a[i])}</td><td class="n">${percent(told.b[i])}</td></tr>`)}</tbody></table>`;
  chart("curve", () => curve(told, minutes));
  chart("hours", () => hours(told.hours));
}

function chart(name, option) {
  const el = document.getElementById(name), table = document.getElementById(`${name}-table`);
  const made = echarts.init(el, null, { renderer: "svg" }), render = () => made.setOption(option(), { notMerge: true });
  el.setAttribute("role", "img");
  el.setAttribute("aria-label", el.closest("section").querySelector("p").textContent);
  render();
  new ResizeObserver(() => made.resize()).observe(el);
  addEventListener("beforeprint", () => made.resize({ width: PAPER_PX }));
  addEventListener("afterprint", () => made.resize());
  new MutationObserver(render).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
  const button = document.querySelector(`[data-table="${name}"]`);
  button.addEventListener("click", () => {
    table.hidden = !table.hidden; el.hidden = !table.hidden;
    button.setAttribute("aria-expanded", String(!table.hidden));
    button.textContent = table.hidden ? gettext("Table") : gettext("Chart");
  });
}

function base(names, xName, labelEvery) {
  const text = token("--text-2"), line = token("--line");
  return {
    animation: false, aria: { enabled: false }, textStyle: { fontFamily: token("--font").replaceAll('"', "") },
    grid: { left: 48, right: 34, top: 14, bottom: 40 },
    xAxis: { type: "category", data: names, name: xName, nameLocation: "middle", nameGap: 24, nameTextStyle: { color: text }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: text, fontSize: 12, interval: labelEvery } },
    yAxis: { type: "value", min: 0, max: 100, axisLabel: { color: text, fontSize: 12, formatter: "{value} %" }, splitLine: { lineStyle: { color: line } } },
  };
}

/** Lines of both scenarios with their 95 % bands: A grey and dashed, B full. */
function curve(told, minutes) {
  const series = [["A", told.a, token("--text-2"), "dashed"], ["B", told.b, token("--accent"), "solid"]].flatMap(([name, es, colour, type]) => [
    { type: "line", stack: `low${name}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, data: es.map((e) => share(e[1])) },
    { type: "line", stack: `low${name}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, areaStyle: { color: colour, opacity: 0.18 }, data: es.map((e) => (e[1] === null ? null : share(e[2]) - share(e[1]))) },
    { type: "line", name, symbol: "none", lineStyle: { color: colour, type, width: 2 }, endLabel: { show: true, formatter: name, color: colour, fontWeight: 600, offset: [0, name === "A" ? 8 : -8] }, data: es.map((e) => share(e[0])) },
  ]);
  series[2].markLine = { silent: true, symbol: "none", lineStyle: { color: token("--text-3"), type: "dotted" }, label: { show: false }, data: [{ xAxis: Math.round(told.within_s / 60) - 1 }] };
  return { ...base(minutes.map(String), gettext("Minutes"), (i) => (i + 1) % 5 === 0), series };
}

/** Two dots an hour with their 95 % bars. */
function hours(rows) {
  const side = (k, colour, shift, filled) => ({
    type: "custom", silent: true, data: rows.map((r, i) => [i, share(r[k][0]), share(r[k][1]), share(r[k][2])]),
    renderItem: (_, api) => {
      if (Number.isNaN(api.value(1))) return null;
      const at = (v) => { const [x, y] = api.coord([api.value(0), v]); return [x + shift, y]; };
      const [x, y] = at(api.value(1)), low = at(api.value(2)), high = at(api.value(3));
      return { type: "group", children: [
        { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: colour, lineWidth: 1.6 } },
        filled ? { type: "circle", shape: { cx: x, cy: y, r: 4 }, style: { fill: colour } }
          : { type: "rect", shape: { x: x - 3.5, y: y - 3.5, width: 7, height: 7 }, style: { fill: token("--surface"), stroke: colour, lineWidth: 1.6 } }] };
    },
  });
  return { ...base(rows.map((r) => `${r[0].padStart(2, "0")}`), gettext("□ A, ● B, by hour"), rows.length > 14 ? 2 : 0),
    series: [side(1, token("--text-2"), -5, false), side(2, token("--accent"), 5, true)] };
}
